import { describe, expect, test } from 'vitest';
import { outcomeOf } from './outcome.ts';

const NOW = 1_772_355_600_000; // 2026-03-01T09:00:00Z

const expectedKind = (status: number) => {
  if (status >= 200 && status < 300) return 'delivered';
  if ([401, 403, 404, 410].includes(status)) return 'misconfigured';
  if ([408, 425, 429].includes(status) || status >= 500 || status < 400) return 'retry';
  return 'rejected';
};

test('every status from 100 to 599 has its outcome', () => {
  for (let status = 100; status < 600; status += 1) {
    expect(outcomeOf({ status, answer: '' }, NOW, {}), `${status}`).toMatchObject({
      kind: expectedKind(status),
      status,
    });
  }
});

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
  expect(outcome(409)).toEqual({ kind: 'delivered', status: 409 });
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

describe('Retry-After', () => {
  test.each([
    ['120', 120_000],
    ['0', 1_000],
    ['1000000000000', 3_600_000],
    ['Sun, 01 Mar 2026 09:02:00 GMT', 120_000],
    ['Sun, 01 Mar 2026 08:00:00 GMT', 1_000],
    ['Thu, 01 Mar 2029 09:00:00 GMT', 3_600_000],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j asks for a pause of %j ms, between a second and an hour', (retryAfter, expected) => {
    for (const status of [429, 503]) {
      const outcome = outcomeOf({ status, retryAfter, answer: '' }, NOW, {});
      expect('retryAfterMs' in outcome ? outcome.retryAfterMs : undefined).toBe(expected);
    }
  });
});
