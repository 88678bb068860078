import { setTimeout as pause } from 'node:timers/promises';
import { WRITE_KEY } from '../test/support/workspace-file.ts';
import type { LoadReport } from './load.ts';
import { median } from './percentile.ts';
import { startProgram } from './program.ts';
import { countAt } from './receiver-figures.ts';

/** Each figure is the median of this many rounds, baseline and product taking turns, so that drift meets both. */
const ROUNDS = 3;
/** How long one round is measured, and how long before that the code under test warms up. */
export const ROUND_SECONDS = 2.5;
export const WARM_UP_SECONDS = 0.5;
/** Ceilings need not be exact. */
const CEILING_SECONDS = 1;
/** By then a load generator has started and warmed up. */
const UNDER_WAY_SECONDS = 1;
/** Half a second's worth at 20,000 a second: no lane runs dry, and the backlog stays in the page cache. */
const BACKLOG_DELIVERIES = 10_000;
/** How many events each call of a load of deliveries carries. */
const BATCH = 100;
/** A load must outlast the window that is measured, by however long its process takes to start. */
const SPARE_SECONDS = 1;

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
  const rounds = await inRounds(async () => ({
    baseline: await sides.baseline(),
    product: await sides.product(),
  }));
  return {
    baseline: median(rounds.map(({ baseline }) => baseline)),
    product: median(rounds.map(({ product }) => product)),
  };
}

/** What each round came to. */
export async function inRounds<T>(round: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  while (results.length < ROUNDS) results.push(await round());
  return results;
}

/** Runs the load generator with these options until it reports. Rejects when any request was refused. */
export async function load(
  options: Readonly<Record<string, string | number | readonly string[]>>,
): Promise<LoadReport> {
  const args = Object.entries(options).flatMap(([name, value]) =>
    [value].flat().flatMap((each) => [`--${name}`, String(each)]),
  );
  await using generator = startProgram('load', ...args);
  const [line] = await generator.line(/^\{.*\}$/m);
  const report: unknown = JSON.parse(line);
  if (!isLoadReport(report)) throw new Error(`The load generator reported ${line}`);
  if (report.refused > 0) throw new Error(`${report.refused} requests were not answered 200`);
  return report;
}

/**
 * What the load generator can do with somebody who only counts, so that a figure that it limits is seen; and what a
 * receiver can take.
 */
export function ceilingOf(receiver: number, shape: { readonly path: string; readonly batch?: number }) {
  return load({ port: receiver, ...shape, 'warm-up': WARM_UP_SECONDS, seconds: CEILING_SECONDS });
}

/** Where events go in, and how they come out. */
interface Flow {
  /** Where the product listens. */
  readonly port: number;
  /** Where the receiver of all deliveries listens. */
  readonly receiver: number;
  /** The sources whose events these are; they take turns, call by call. The tests' one source unless given. */
  readonly writeKeys?: readonly string[];
  /** How many pipelines each source has. */
  readonly pipelines: number;
}

/**
 * How many deliveries a second go all the way, through the door, the log and the lanes, over one round.
 *
 * The door takes events faster than lanes can hand them on. So the load generator watches the receiver and keeps a
 * backlog on its way, no more: what arrives lets more in. Accepting goes on at the very rate of delivering, its cost
 * is in the figure, and no growing backlog bends it. The window is measured at the receiver.
 */
export async function deliveriesPerSecond(flow: Flow): Promise<number> {
  const { port, receiver, writeKeys = [WRITE_KEY], pipelines } = flow;
  await quiet(receiver);
  const loading = load({
    ...{ port, path: '/v1/batch', batch: BATCH, 'write-key': writeKeys },
    ...{ receiver, backlog: BACKLOG_DELIVERIES, deliveries: pipelines },
    ...{ 'warm-up': WARM_UP_SECONDS, seconds: ROUND_SECONDS + SPARE_SECONDS },
  });
  const arrivals = await arrivalsPerSecond(receiver);
  await loading;
  await quiet(receiver);
  return arrivals;
}

/** What arrives per second at a receiver whose load was started just now, over one round. */
export async function arrivalsPerSecond(port: number): Promise<number> {
  await pause(UNDER_WAY_SECONDS * 1_000);
  const before = await countAt(port);
  await pause(ROUND_SECONDS * 1_000);
  const after = await countAt(port);
  return ((after.count - before.count) / (after.atMs - before.atMs)) * 1_000;
}

/** Resolves when nothing more arrives at a receiver. */
async function quiet(port: number): Promise<void> {
  for (let before = -1, { count } = await countAt(port); before !== count; { count } = await countAt(port)) {
    before = count;
    await pause(250);
  }
}

function isLoadReport(value: unknown): value is LoadReport {
  return typeof value === 'object' && value !== null && 'eventsPerSecond' in value && 'refused' in value;
}
