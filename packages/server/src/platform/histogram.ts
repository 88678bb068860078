/**
 * Upper bounds for the time of an answer or of a sync, in seconds: finest where a healthy disk and door are.
 */
export const ANSWER_BOUNDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/**
 * Upper bounds for the time from accepted to delivered, in seconds: from a receiver next door to one that was
 * down for a day.
 */
export const DELIVERY_BOUNDS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600, 86_400,
] as const;

/** A histogram as plain data: it may be posted from one thread to another. */
export interface HistogramSnapshot {
  /** Upper bounds of the buckets, in seconds. */
  readonly bounds: readonly number[];
  /** Values in each bucket, not added up; one more at the end for those above every bound. */
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

/** Counts durations, cheaply enough for every request: no object is made, nothing is looked up. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sumSeconds = 0;

  /** `bounds` are in seconds and grow. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  add(seconds: number): void {
    let bucket = 0;
    while (seconds > (this.#bounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sumSeconds += seconds;
  }

  snapshot(): HistogramSnapshot {
    return { bounds: this.#bounds, counts: [...this.#counts], sumSeconds: this.#sumSeconds };
  }
}

/** A histogram in the text format of Prometheus. */
export function histogramText(
  name: string,
  help: string,
  { bounds, counts, sumSeconds }: HistogramSnapshot,
): string {
  let total = 0;
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
  for (const [bucket, count] of counts.entries()) {
    total += count;
    lines.push(`${name}_bucket{le="${bounds[bucket] ?? '+Inf'}"} ${total}`);
  }
  return [...lines, `${name}_sum ${sumSeconds}`, `${name}_count ${total}`, ''].join('\n');
}
