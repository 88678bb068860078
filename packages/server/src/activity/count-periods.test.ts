import { formatIsoTime, parseIsoTime } from '@metarouter/events';
import { expect, test } from 'vitest';
import { beginningOf, byPeriod, type Period, stepOf } from './count-periods.ts';
import type { HourCount } from './event-views.ts';

const at = (text: string) => parseIsoTime(text) ?? Number.NaN;

test.each<[Period, string, string]>([
  ['hour', '2026-03-01T12:59:59.999Z', '2026-03-01T12:00:00.000Z'],
  ['day', '2026-03-01T23:59:59.999Z', '2026-03-01T00:00:00.000Z'],
  // A Sunday, and the Monday behind it.
  ['week', '2026-03-01T23:59:59.999Z', '2026-02-23T00:00:00.000Z'],
  ['week', '2026-03-02T00:00:00.000Z', '2026-03-02T00:00:00.000Z'],
  ['month', '2026-02-28T23:59:59.999Z', '2026-02-01T00:00:00.000Z'],
  ['month', '2024-02-29T23:00:00.000Z', '2024-02-01T00:00:00.000Z'],
])('the %s of %s begins at %s', (period, time, beginning) => {
  expect(formatIsoTime(beginningOf(period, at(time)))).toBe(beginning);
});

test('counts of days are added up where all but their day is the same, in order of time', () => {
  const day = (text: string, more: Partial<HourCount> = {}): HourCount => ({
    at: at(text),
    type: 'track',
    outcome: 'accepted',
    count: 1,
    ...more,
  });
  const counts = [
    day('2026-03-02'),
    day('2026-02-28'),
    day('2026-02-27'),
    day('2026-02-27', { pipeline: 'p' }),
  ];
  expect(byPeriod(counts, 'month')).toEqual([
    day('2026-02-01', { count: 2 }),
    day('2026-02-01', { pipeline: 'p' }),
    day('2026-03-01'),
  ]);
  expect([stepOf('hour'), stepOf('month')]).toEqual([1, 24]);
});
