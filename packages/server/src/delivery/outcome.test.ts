import { expect, test } from 'vitest';
import { ALREADY_GONE, outcomeOf } from './outcome.ts';

const NOW = 1_772_355_600_000; // 2026-03-01T09:00:00Z
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const EVERY_STATUS = Array.from({ length: 500 }, (_, index) => 100 + index);

/** The rules as the papers have them, status by status. */
const expectedKind = (status: number) => {
  if (status >= 200 && status < 300) return 'delivered';
  if ([401, 403, 404, 410].includes(status)) return 'misconfigured';
  if ([408, 425, 429].includes(status) || status >= 500 || status < 400) return 'retry';
  return 'rejected';
};

/** What a receiver may write into Retry-After, and the pause that it gets. */
const PAUSES: readonly (readonly [retryAfter: string | undefined, pauseMs: number | undefined])[] = [
  [undefined, undefined],
  ['0', SECOND],
  ['1', SECOND],
  ['120', 120 * SECOND],
  [' 120 ', 120 * SECOND],
  ['007', 7 * SECOND],
  ['3600', HOUR],
  ['3601', HOUR],
  ['1000000000000', HOUR],
  ['9'.repeat(400), HOUR],
  ['Sun, 01 Mar 2026 09:02:00 GMT', 120 * SECOND],
  ['Sun, 01 Mar 2026 09:00:00 GMT', SECOND],
  ['Sun, 01 Mar 2026 08:00:00 GMT', SECOND],
  ['Thu, 01 Jan 1970 00:00:00 GMT', SECOND],
  ['Thu, 01 Mar 2029 09:00:00 GMT', HOUR],
  ['Fri, 31 Dec 9999 23:59:59 GMT', HOUR],
  ['Sunday, 01-Mar-26 09:02:00 GMT', 120 * SECOND],
  ['Sun Mar  1 09:02:00 2026', 120 * SECOND],
  ['-5', undefined],
  ['+5', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  ['１２０', undefined],
  ['120, 120', undefined],
  ['120s', undefined],
  ['soon', undefined],
  ['', undefined],
  ['Sun, 01 Mar 2026 09:02:00 CET', undefined],
  ['Sun, 31 Feb 2026 09:02:00 GMT', undefined],
  ['2026-03-01T09:02:00Z', undefined],
];

test.each(PAUSES)(
  'Retry-After %j: a pause of %j ms wherever another try is worth it',
  (retryAfter, pauseMs) => {
    for (const status of EVERY_STATUS) {
      const kind = expectedKind(status);
      const { kind: found, ...outcome } = outcomeOf({ status, retryAfter, answer: '' }, NOW, {});
      const pause = 'retryAfterMs' in outcome ? outcome.retryAfterMs : undefined;
      expect([status, found, outcome.status, pause]).toEqual([
        status,
        kind,
        status,
        kind === 'retry' ? pauseMs : undefined,
      ]);
    }
  },
);

test('what a destination declares of a status comes before the general rules, and is said', () => {
  const declared = {
    307: { kind: 'misconfigured', reason: 'the account is elsewhere' },
    409: { kind: 'delivered', reason: 'it was there before' },
    429: { kind: 'retry', reason: 'too many requests' },
  } as const;
  const outcome = (status: number, retryAfter?: string) =>
    outcomeOf({ status, retryAfter, answer: 'a' }, NOW, declared);
  expect(outcome(307)).toEqual({
    kind: 'misconfigured',
    reason: 'HTTP 307: the account is elsewhere',
    status: 307,
    answer: 'a',
  });
  expect(outcome(409)).toEqual({ kind: 'delivered', status: 409, answer: 'a' });
  expect(outcome(429, '7')).toEqual({
    kind: 'retry',
    reason: 'HTTP 429: too many requests',
    status: 429,
    answer: 'a',
    retryAfterMs: 7_000,
  });
  expect(outcome(308)).toMatchObject({ kind: 'retry', reason: 'HTTP 308: redirects are not followed' });
  expect(outcome(400)).toMatchObject({ kind: 'rejected', reason: 'HTTP 400' });
});

test('what is not there any more has been deleted', () => {
  for (const status of [404, 410]) {
    expect(outcomeOf({ status, answer: '' }, NOW, ALREADY_GONE)).toEqual({ kind: 'delivered', status });
  }
});
