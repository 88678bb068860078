import type { Clock } from '../platform/clock.ts';
import { hourOf } from './hours.ts';

/** How many events of a source the door accepted or refused in one hour. */
export interface DoorCount {
  readonly source: string;
  /** Hours since 1970, UTC. */
  readonly hour: number;
  /** Why they were refused, as a problem's code; undefined for what was accepted. */
  readonly reason?: string | undefined;
  readonly count: number;
}

/** So long what was counted may lie in memory, in milliseconds: a crash forgets no more than this. */
const HAND_OVER_AFTER_MS = 60_000;

/** Under which what was accepted is counted: no problem has an empty code. */
const ACCEPTED = '';

interface DoorCountsOptions {
  readonly clock: Clock;
  /** Keeps counts durably. Rejects when it cannot at present. */
  readonly keep: (counts: readonly DoorCount[]) => Promise<unknown>;
}

/**
 * Counts at the door what nobody behind it can count: refused events, and accepted ones of sources without a pipeline,
 * which no lane reads. It hands them over once a minute. They are not exact: after a crash the last minute is missing.
 */
export class DoorCounts {
  readonly #options: DoorCountsOptions;
  #hour = 0;
  /** Of this hour: by source and reason. */
  #counts = new Map<string, Map<string, number>>();
  /** Of hours before it, and what could not be handed over. */
  #waiting: DoorCount[] = [];
  #cancel: (() => void) | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #hasEnded = false;

  constructor(options: DoorCountsOptions) {
    this.#options = options;
  }

  accepted(source: string, count: number): void {
    this.#add(source, ACCEPTED, count);
  }

  /** What no known source sent is in no count. */
  rejected(source: string | undefined, reason: string, count: number): void {
    if (source !== undefined) this.#add(source, reason, count);
  }

  /** Hands over all there is for the last time. */
  stop(): Promise<void> {
    this.#hasEnded = true;
    return this.handOver();
  }

  /** Hands over all there is; what is refused is handed over again later. Never rejects. */
  handOver(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#keeping = this.#keeping.then(() => this.#keep());
    return this.#keeping;
  }

  #add(source: string, reason: string, count: number): void {
    const hour = hourOf(this.#options.clock.now());
    if (hour !== this.#hour) this.#turn(hour);
    let counts = this.#counts.get(source);
    if (counts === undefined) {
      counts = new Map();
      this.#counts.set(source, counts);
    }
    counts.set(reason, (counts.get(reason) ?? 0) + count);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#hasEnded) return;
    this.#cancel ??= this.#options.clock.after(HAND_OVER_AFTER_MS, () => void this.handOver());
  }

  /** Puts what was counted to what waits, and begins anew. */
  #turn(hour: number): void {
    for (const [source, counts] of this.#counts) {
      for (const [code, count] of counts) {
        const reason = code === ACCEPTED ? undefined : code;
        this.#waiting.push({ source, hour: this.#hour, reason, count });
      }
    }
    this.#counts = new Map();
    this.#hour = hour;
  }

  async #keep(): Promise<void> {
    this.#turn(hourOf(this.#options.clock.now()));
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    try {
      await this.#options.keep(waiting);
    } catch {
      this.#waiting = summed([...waiting, ...this.#waiting]);
      this.#schedule();
    }
  }
}

/** As few counts as say the same, so that what cannot be handed over for days does not grow with time. */
function summed(counts: readonly DoorCount[]): DoorCount[] {
  const sums = new Map<string, DoorCount>();
  for (const one of counts) {
    const key = JSON.stringify([one.source, one.hour, one.reason]);
    sums.set(key, { ...one, count: one.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}
