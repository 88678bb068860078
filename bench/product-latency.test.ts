import { expect, test } from 'vitest';
import { type Buckets, countBetween, percentileBetween } from './product-latency.ts';

const bounds = [0.001, 0.01, 0.1, Number.POSITIVE_INFINITY];
const buckets = (...counts: readonly number[]): Buckets =>
  bounds.map((upToSeconds, index) => ({ upToSeconds, count: counts[index] ?? 0 }));

test.each([
  { share: 0.5, span: { overMs: 0, upToMs: 1 } },
  { share: 0.51, span: { overMs: 1, upToMs: 10 } },
  { share: 0.99, span: { overMs: 10, upToMs: 100 } },
  { share: 1, span: { overMs: 100, upToMs: Number.POSITIVE_INFINITY } },
])('of 100 values the $share percentile lies in $span', ({ share, span }) => {
  expect(percentileBetween(buckets(), buckets(50, 90, 99, 100), share)).toEqual(span);
});

test('what came before the first look does not count', () => {
  const before = buckets(1_000, 1_000, 1_000, 1_000);
  const after = buckets(1_000, 1_000, 1_010, 1_010);
  expect(countBetween(before, after)).toBe(10);
  expect(percentileBetween(before, after, 0.5)).toEqual({ overMs: 10, upToMs: 100 });
});
