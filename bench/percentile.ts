/**
 * The least of the numbers that at least this share of them does not exceed, such as 0.99 for the 99th percentile.
 * NaN for no numbers.
 */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? Number.NaN;
}

/** The middle one of some numbers; of an even count, the lower of the two in the middle. NaN for none. */
export function median(numbers: readonly number[]): number {
  return percentile(numbers, 0.5);
}
