import { expect, test } from 'vitest';
import { unixSeconds } from './unix-seconds.ts';

test.each([
  ['2026-03-01T09:00:00.999Z', 1_772_355_600],
  ['2026-03-01', 1_772_323_200],
  [1_772_355_600, 1_772_355_600],
  [1_772_355_600.9, 1_772_355_600],
  [1_772_355_600_999, 1_772_355_600],
  [0, 0],
  [-1, -1],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  ['1772355600', undefined],
  ['soon', undefined],
  [null, undefined],
  [undefined, undefined],
  [true, undefined],
])('%j is the second %j', (time, seconds) => {
  expect(unixSeconds(time)).toBe(seconds);
});
