import { expect, test } from 'vitest';
import { median, percentile } from './percentile.ts';

const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);

test.each([
  { share: 0.5, least: 50 },
  { share: 0.99, least: 99 },
  { share: 0.999, least: 100 },
  { share: 0, least: 1 },
  { share: 1, least: 100 },
])('the $share percentile of 1 to 100 in any order is $least', ({ share, least }) => {
  expect(percentile(oneToHundred, share)).toBe(least);
});

test('numbers are ordered by size, not by their digits', () => {
  expect(median([10, 9, 100])).toBe(10);
});

test('the median of an even count is the lower of the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2);
});

test('no numbers have no percentile', () => {
  expect(percentile([], 0.99)).toBeNaN();
});
