import { expect, test } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { crashRepeatedly } from './crash-points.ts';

test('whatever call the power fails at, every acknowledged event is in the log once, unaltered and in order', async () => {
  const totals = { crashes: 0, acknowledged: 0, lost: 0, altered: 0, repeated: 0, disordered: 0 };
  for (let seed = 1; seed <= 250; seed += 1) {
    const found = await crashRepeatedly(seed, systemClock);
    const broken = found.lost + found.altered + found.repeated + found.disordered;
    expect({ seed, broken }).toEqual({ seed, broken: 0 });
    totals.crashes += found.crashes;
    totals.acknowledged += found.acknowledged;
  }
  // The proof proves nothing unless much was acknowledged before the crashes.
  expect(totals.crashes).toBe(1000);
  expect(totals.acknowledged).toBeGreaterThan(10_000);
});
