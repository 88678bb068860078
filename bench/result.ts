/** One line of `bench/results.json`. */
export interface Result {
  readonly bench: string;
  readonly value: number;
  readonly unit: string;
  /** What the baseline of the same run did, in the same unit; null when the figure stands for itself. */
  readonly baseline: number | null;
  /** value / baseline: what travels from one machine to another. */
  readonly ratio: number | null;
  /** What `reach` and `goal` bound: the ratio from below, or the value from above. */
  readonly bound: 'least ratio' | 'most value';
  /** What must be met. */
  readonly reach: number;
  /** What we would like to meet. */
  readonly goal: number;
  readonly ok: boolean;
}

/** What a figure is held against. */
export interface Target {
  readonly reach: number;
  readonly goal: number;
}

/** A figure that is good when it comes close to a baseline's. Throws when that baseline is zero. */
export function comparedWith(
  figure: {
    readonly bench: string;
    readonly unit: string;
    readonly baseline: number;
    readonly product: number;
  },
  { reach, goal }: Target,
): Result {
  const { bench, unit, baseline, product: value } = figure;
  if (!(baseline > 0))
    throw new Error(`The baseline of ${bench} did nothing: there is nothing to compare with`);
  const ratio = value / baseline;
  return {
    bench,
    value: round(value),
    unit,
    baseline: round(baseline),
    ratio: round(ratio),
    bound: 'least ratio',
    reach,
    goal,
    ok: ratio >= reach,
  };
}

/** A figure that is good when it is small. A baseline that its bounds were made from is shown beside it. */
export function atMost(
  figure: {
    readonly bench: string;
    readonly unit: string;
    readonly value: number;
    readonly baseline?: number;
  },
  { reach, goal }: Target,
): Result {
  const { bench, unit, value, baseline } = figure;
  return {
    bench,
    value: round(value),
    unit,
    baseline: baseline === undefined ? null : round(baseline),
    ratio: baseline === undefined ? null : round(value / baseline),
    bound: 'most value',
    reach: round(reach),
    goal: round(goal),
    ok: value <= reach,
  };
}

/**
 * The lines of an earlier run, those that were measured anew replaced, in the order of `benches`. Lines of benches that
 * there are no more are left out.
 */
export function replaced(
  earlier: unknown,
  measured: readonly Result[],
  benches: readonly string[],
): readonly unknown[] {
  const lines = new Map<unknown, unknown>();
  const list: readonly unknown[] = Array.isArray(earlier) ? earlier : [];
  for (const line of list) lines.set(benchOf(line), line);
  for (const result of measured) lines.set(result.bench, result);
  return benches.flatMap((bench) => (lines.has(bench) ? [lines.get(bench)] : []));
}

function benchOf(line: unknown): unknown {
  return typeof line === 'object' && line !== null && 'bench' in line ? line.bench : undefined;
}

/** The results as a table for a person. */
export function tableOf(results: readonly Result[]): string {
  const rows = results.map((result) => [
    result.bench,
    `${result.value.toLocaleString('en')} ${result.unit}`,
    result.baseline === null ? '' : result.baseline.toLocaleString('en'),
    result.ratio === null ? '' : result.ratio.toFixed(2),
    ...(result.bound === 'least ratio'
      ? [`ratio ≥ ${result.reach}`, `≥ ${result.goal}`]
      : [`value ≤ ${result.reach}`, `≤ ${result.goal}`]),
    result.ok ? 'ok' : 'SHORT',
  ]);
  const lines = [['bench', 'value', 'baseline', 'ratio', 'reach', 'goal', ''], ...rows];
  const widths = lines.reduce<number[]>(
    (widest, line) => line.map((cell, i) => Math.max(cell.length, widest[i] ?? 0)),
    [],
  );
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Three digits below 10, whole numbers from 100 on: more would claim what a benchmark cannot know. */
function round(value: number): number {
  if (value >= 100) return Math.round(value);
  return Number(value.toPrecision(3));
}
