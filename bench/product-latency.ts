import { metricsPage, samplesOf } from '../test/support/metrics.ts';

/** A histogram off the metrics page: how many values were at most each bound, in seconds; the last bound is infinite. */
export type Buckets = readonly { readonly upToSeconds: number; readonly count: number }[];

/** Between which two times a value lies, in milliseconds. */
export interface Span {
  readonly overMs: number;
  readonly upToMs: number;
}

/** How long the product says that events took from accepted to delivered, since its start. */
export async function deliveryBuckets(url: string): Promise<Buckets> {
  return samplesOf(await metricsPage(url))
    .filter(({ name }) => name === 'metarouter_delivery_seconds_bucket')
    .map(({ labels: { le = '' }, value }) => ({
      upToSeconds: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le),
      count: value,
    }));
}

/** How many values came in between two looks at a histogram. */
export function countBetween(before: Buckets, after: Buckets): number {
  return (after.at(-1)?.count ?? 0) - (before.at(-1)?.count ?? 0);
}

/** Where a percentile, such as 0.99, of the values between two looks at a histogram lies. */
export function percentileBetween(before: Buckets, after: Buckets, share: number): Span {
  const rank = countBetween(before, after) * share;
  let overMs = 0;
  for (const [index, { upToSeconds, count }] of after.entries()) {
    const upToMs = upToSeconds * 1_000;
    if (count - (before[index]?.count ?? 0) >= rank) return { overMs, upToMs };
    overMs = upToMs;
  }
  return { overMs, upToMs: Number.POSITIVE_INFINITY };
}
