import { setTimeout as pause } from 'node:timers/promises';
import type { LoadReport } from './load.ts';
import { startProgram } from './program.ts';
import { countAt } from './receiver-count.ts';

/** Each figure is the median of this many rounds, baseline and product taking turns, so that drift meets both. */
const ROUNDS = 3;
/** How long one round is measured, and how long before that the code under test warms up. */
export const ROUND_SECONDS = 4;
export const WARM_UP_SECONDS = 1;

/** The medians of what both sides did, and how the product's compares. */
export interface Comparison {
  readonly baseline: number;
  readonly product: number;
}

/** Runs baseline and product in turns, round after round. */
export async function takeTurns(sides: {
  baseline: () => Promise<number>;
  product: () => Promise<number>;
}): Promise<Comparison> {
  const baselines: number[] = [];
  const products: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    baselines.push(await sides.baseline());
    products.push(await sides.product());
  }
  return { baseline: median(baselines), product: median(products) };
}

/** The middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Runs the load generator with these options until it reports. Rejects when any request was refused. */
export async function load(options: Readonly<Record<string, string | number>>): Promise<LoadReport> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  await using generator = startProgram('load', ...args);
  const [line] = await generator.line(/^\{.*\}$/m);
  const report: unknown = JSON.parse(line);
  if (!isLoadReport(report)) throw new Error(`The load generator reported ${line}`);
  if (report.refused > 0) throw new Error(`${report.refused} requests were not answered 200`);
  return report;
}

/** What arrives at a receiver per second from now on, over one round. */
export async function arrivalsPerSecond(port: number): Promise<number> {
  const before = await countAt(port);
  await pause(ROUND_SECONDS * 1_000);
  const after = await countAt(port);
  return ((after.count - before.count) / (after.atMs - before.atMs)) * 1_000;
}

/** Resolves when nothing more arrives at a receiver. */
export async function quiet(port: number): Promise<void> {
  for (let before = -1, { count } = await countAt(port); before !== count; { count } = await countAt(port)) {
    before = count;
    await pause(250);
  }
}

function isLoadReport(value: unknown): value is LoadReport {
  return typeof value === 'object' && value !== null && 'eventsPerSecond' in value && 'refused' in value;
}
