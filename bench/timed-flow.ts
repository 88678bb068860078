import { setTimeout as pause } from 'node:timers/promises';
import { WRITE_KEY } from '../test/support/workspace-file.ts';
import { load } from './measure.ts';
import { latenciesAt } from './receiver-figures.ts';

/** A steady stream of single calls, far below what the product can take. */
export const CALLS_PER_SECOND = 1_000;
/** Longer than where throughput is measured: at this rate, code is compiled later. */
const WARM_UP_SECONDS = 2;
/** The load outlasts the windows by this, so that none of them ends in silence. */
const SPARE_SECONDS = 1;

/** How long events took within one window. */
export interface Latencies {
  /** How many arrived. */
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A stream to be measured. */
export interface TimedFlow {
  /** Where the product listens. */
  readonly port: number;
  /** Where the receiver listens that its pipelines post to, on paths that begin with `/timed`. */
  readonly receiver: number;
  /** How many times to measure, and for how long each time. */
  readonly windows: number;
  readonly windowSeconds: number;
  /** Runs at the beginning of the first window and at the end of each. */
  readonly atEdge?: () => Promise<void>;
}

/**
 * Sends single calls at the steady rate and measures one window after another.
 *
 * Times are from the moment when a call was sent until its event arrived at the receiver, both on the machine's clock.
 * So the time of accepting is in them, and no answer to the client is waited for that may come after the arrival.
 */
export async function measureTimedFlow(flow: TimedFlow): Promise<readonly Latencies[]> {
  const { port, windows, windowSeconds } = flow;
  const [measured, { eventsPerSecond, p99Ms }] = await Promise.all([
    measureWindows(flow),
    load({
      ...{ port, path: '/v1/track', 'write-key': WRITE_KEY, rate: CALLS_PER_SECOND },
      ...{ 'warm-up': WARM_UP_SECONDS, seconds: windows * windowSeconds + SPARE_SECONDS },
    }),
  ]);
  console.log(`  ${Math.round(eventsPerSecond)} calls/s, answered within a p99 of ${p99Ms.toFixed(1)} ms`);
  return measured;
}

async function measureWindows(flow: TimedFlow): Promise<readonly Latencies[]> {
  const { receiver, windows, windowSeconds, atEdge = async () => undefined } = flow;
  const measured: Latencies[] = [];
  await pause(WARM_UP_SECONDS * 1_000);
  await latenciesAt(receiver);
  await atEdge();
  while (measured.length < windows) {
    await pause(windowSeconds * 1_000);
    const { count, p50Ms, p99Ms } = await latenciesAt(receiver);
    if (p50Ms === null || p99Ms === null) throw new Error('Nothing arrived at the receiver');
    measured.push({ count, p50Ms, p99Ms });
    await atEdge();
  }
  return measured;
}
