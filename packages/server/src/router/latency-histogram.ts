/** Upper ends of the buckets, in seconds; one more bucket takes what is above the last. */
export const LATENCY_BOUNDS_SECONDS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600, 86_400,
] as const;

/** Counts by bucket since the start; the counts are not cumulative, and one longer than the bounds. */
export interface LatencySnapshot {
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

/** How long events took from accepted to delivered. */
export class LatencyHistogram {
  readonly #counts = [...LATENCY_BOUNDS_SECONDS, Number.POSITIVE_INFINITY].map(() => 0);
  #sumMs = 0;

  observe(milliseconds: number): void {
    // The clock may have been set back since the event came.
    const elapsed = Math.max(milliseconds, 0);
    let bucket = 0;
    while (elapsed > (LATENCY_BOUNDS_SECONDS[bucket] ?? Number.POSITIVE_INFINITY) * 1_000) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sumMs += elapsed;
  }

  snapshot(): LatencySnapshot {
    return { counts: [...this.#counts], sumSeconds: this.#sumMs / 1_000 };
  }
}
