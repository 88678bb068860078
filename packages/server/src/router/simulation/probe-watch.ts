import type { Report } from '../messages.ts';
import type { SimulatedReceivers } from './simulated-receivers.ts';

/** When a pipeline's live lane began to wait for its receiver, or went on. */
export interface Turn {
  readonly pipeline: string;
  readonly at: number;
  readonly isWaiting: boolean;
}

/** How long a pipeline waited between two moments, in milliseconds. */
export function waitedMs(turns: readonly Turn[], pipeline: string, from: number, until: number): number {
  let waited = 0;
  let since: number | undefined;
  for (const { pipeline: whose, at, isWaiting } of turns) {
    if (whose !== pipeline) continue;
    if (since !== undefined) waited += Math.max(0, Math.min(at, until) - Math.max(since, from));
    since = isWaiting ? at : undefined;
  }
  return since === undefined ? waited : waited + Math.max(0, until - Math.max(since, from));
}

/** What a lane says when it begins to wait. */
const WAITS = /so it is paused|so this pipeline waits/;
/** And when it goes on. */
const GOES_ON = 'takes events again';

/** Sees to it that a lane which waits for its receiver makes one attempt at a time. */
export class ProbeWatch {
  readonly turns: Turn[] = [];
  readonly #receivers: SimulatedReceivers;
  /** By pipeline that waits: its channel, and the events that were tried since. */
  readonly #waiting = new Map<string, { readonly channel: number; readonly tried: Set<number> }>();

  /** Tells `onFault` what should not have been sent. */
  constructor(receivers: SimulatedReceivers, onFault: (fault: string) => void) {
    this.#receivers = receivers;
    receivers.onArrival(({ pipeline, channel, isReplay, numbers, at }) => {
      const waiting = this.#waiting.get(pipeline);
      if (waiting?.channel !== channel || isReplay) return;
      for (const number of numbers) waiting.tried.add(number);
      const underWay = receivers.underWay(channel).filter((arrival) => !arrival.isReplay);
      const events = new Set(underWay.flatMap((arrival) => arrival.numbers));
      const probed = [...events].filter((number) => waiting.tried.has(number));
      if (probed.length > 1)
        onFault(`at ${at} ${pipeline} tries ${probed.join(' and ')} at once while it waits`);
    });
  }

  /** Takes a line of the log, which was written at this moment. */
  reported(at: number, message: string, { pipeline, replay }: Parameters<Report>[2]): void {
    if (replay !== undefined || typeof pipeline !== 'string') return;
    if (message.includes(GOES_ON)) this.#turn(pipeline, at, false);
    else if (WAITS.test(message)) this.#turn(pipeline, at, true);
  }

  /** The process ended: the next one knows of no trouble. */
  forget(at: number): void {
    for (const pipeline of this.#waiting.keys()) this.#turn(pipeline, at, false);
  }

  #turn(pipeline: string, at: number, isWaiting: boolean): void {
    this.turns.push({ pipeline, at, isWaiting });
    const channel = this.#receivers.arrivals.findLast((one) => one.pipeline === pipeline)?.channel;
    if (!isWaiting || channel === undefined) this.#waiting.delete(pipeline);
    else this.#waiting.set(pipeline, { channel, tried: new Set() });
  }
}
