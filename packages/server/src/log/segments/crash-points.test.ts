import { expect, test } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { crashRepeatedly, LIVES } from './crash-points.ts';

/** `npm run prove` crashes 10,000 times, which bounds the chance of a loss by a crash at 0.03 % (with 95 % confidence). */
const CRASHES = Number(process.env.METAROUTER_PROVE_CRASHES ?? 1_000);

test(`${CRASHES} power failures at any call lose, alter, repeat and disorder nothing acknowledged`, {
  timeout: 30_000 + CRASHES * 10,
}, async () => {
  const totals = { crashes: 0, acknowledged: 0, dropped: 0 };
  for (let seed = 1; totals.crashes < CRASHES; seed += 1) {
    const { crashes, acknowledged, dropped, ...broken } = await crashRepeatedly(seed, systemClock);
    const none = { lost: 0, altered: 0, repeated: 0, disordered: 0, missed: 0 };
    expect({ seed, ...broken }).toEqual({ seed, ...none });
    totals.crashes += crashes;
    totals.acknowledged += acknowledged;
    totals.dropped += dropped;
  }
  process.stdout.write(
    `crash points ${totals.crashes}: ${totals.acknowledged} events acknowledged, ${totals.dropped} dropped by retention, 0 lost\n`,
  );
  // The proof proves nothing unless much was acknowledged before the crashes.
  expect(totals.acknowledged - totals.dropped).toBeGreaterThan(CRASHES * LIVES);
  expect(totals.dropped).toBeGreaterThan(CRASHES);
});
