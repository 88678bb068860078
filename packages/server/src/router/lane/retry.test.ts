import { expect, test } from 'vitest';
import { nextWaitMs, probeWaitMs, RETRY_FOR_MS } from './retry.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function schedule(random: () => number): number[] {
  const due = [0];
  for (let elapsedMs = 0; ; ) {
    const wait = nextWaitMs({ made: due.length, elapsedMs }, random);
    if (wait === undefined) return due;
    elapsedMs += wait;
    due.push(elapsedMs);
  }
}

test('attempts fall at 0, 5 s, 30 s, 2, 5, 15, 30 min, 1, 2, 4 h, then every 4 h until 24 h', () => {
  const hours = [1, 2, 4, 8, 12, 16, 20, 24].map((hour) => hour * HOUR);
  const expected = [0, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, ...hours];
  expect(schedule(() => 0.5)).toEqual(expected);
});

test.each([0, 0.999_999])(
  'chance moves each wait by at most a fifth, and the end not at all (%d)',
  (chance) => {
    const [, first = 0, second = 0] = schedule(() => chance);
    for (const [wait, planned] of [
      [first, 5_000],
      [second - first, 25_000],
    ] as const) {
      expect(Math.abs(wait / planned - 1)).toBeLessThanOrEqual(0.2);
    }
    expect(schedule(() => chance).at(-1)).toBe(RETRY_FOR_MS);
  },
);

test('a receiver that asks for a pause gets at least that pause', () => {
  for (const chance of [0, 0.5, 0.999]) {
    const wait = nextWaitMs({ made: 1, elapsedMs: 0, retryAfterMs: 60_000 }, () => chance) ?? 0;
    expect(wait).toBeGreaterThanOrEqual(60_000);
    expect(wait).toBeLessThanOrEqual(72_000);
  }
});

test('a paused destination is tried after 1, 2, 4, 8, 16, 32 s, then every minute, however long it takes', () => {
  const waits = [0, 1, 2, 3, 4, 5, 6, 7, 5_000].map((failed) => probeWaitMs(failed, () => 0.5));
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * SECOND));
  expect(probeWaitMs(9, () => 0.999)).toBe(MINUTE);
});
