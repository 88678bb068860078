import { describe, expect, test } from 'vitest';
import { dueNotice, toldFrom } from './due-notice.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SINCE = 1_795_271_400_000;

/** An outage of which the last failure was so long after the first one. */
function outageOf(lastedMs: number, refusedAfterMs?: number) {
  const refusedSince = refusedAfterMs === undefined ? undefined : SINCE + refusedAfterMs;
  return { pipeline: 'p', since: SINCE, refusedSince, lastAt: SINCE + lastedMs, reason: 'HTTP 503' };
}

describe('what the Owners are told next', () => {
  test.each([
    ['nothing before an hour has passed', 'failing', HOUR - 1, [], undefined],
    ['after an hour that it fails', 'failing', HOUR, [], 'failing for an hour'],
    ['that once', 'failing', DAY - 1, ['failing for an hour'], undefined],
    ['after a day that it still fails', 'failing', DAY, ['failing for an hour'], 'failing for a day'],
    ['that once', 'failing', 5 * DAY - 1, ['failing for an hour', 'failing for a day'], undefined],
    ['the later when both are due', 'failing', DAY, [], 'failing for a day'],
    ['not the earlier after the later', 'failing', DAY + 1, ['failing for a day'], undefined],
    ['after five days that it is off', 'failing', 5 * DAY, ['failing for a day'], 'switched off'],
    ['that also when nothing else was told', 'failing', 5 * DAY, [], 'switched off'],
    ['at once that it is paused', 'paused', 0, [], 'paused'],
    ['that once', 'paused', HOUR - 1, ['paused'], undefined],
    ['no more after an hour of a pause', 'paused', HOUR, ['paused'], undefined],
    ['after a day of a pause that it fails', 'paused', DAY, ['paused'], 'failing for a day'],
    ['that once', 'paused', 2 * DAY, ['paused', 'failing for a day'], undefined],
    ['of a pause that came late', 'paused', 2 * DAY, ['failing for a day'], 'paused'],
    ['after five days of a pause that it is off', 'paused', 5 * DAY, ['paused'], 'switched off'],
    ['that it fails, when a pause has become that', 'failing', HOUR, ['paused'], 'failing for an hour'],
  ])('%s: %s, %i ms', (_, how, lastedMs, told, expected) => {
    const outage = outageOf(lastedMs, how === 'paused' ? lastedMs : undefined);
    expect(dueNotice(outage, new Set(told))).toBe(expected);
  });
});

describe('what was told counts', () => {
  test.each([
    ['from the beginning of the outage on', 9 * DAY, SINCE],
    ['for an hour at least, also when it was about an earlier outage', 1, SINCE + 1 - HOUR],
  ])('%s', (_, lastedMs, from) => {
    expect(toldFrom(outageOf(lastedMs), SINCE + lastedMs)).toBe(from);
  });
});
