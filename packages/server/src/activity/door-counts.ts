import type { Clock } from '../platform/clock.ts';
import { hourOf } from './hours.ts';

/** How many events of a source the door accepted or refused in one hour. */
export interface DoorCount {
  readonly source: string;
  /** Hours since 1970, UTC. */
  readonly hour: number;
  /** What was accepted: the events' type. */
  readonly type?: string | undefined;
  /** Why they were refused, as a problem's code; undefined for what was accepted. */
  readonly reason?: string | undefined;
  readonly count: number;
}

/** So long what was counted may lie in memory, in milliseconds: a crash forgets no more than this. */
const HAND_OVER_AFTER_MS = 60_000;

/** Counts by source, and by type or reason. */
type CountsOfSources = Map<string, Map<string, number>>;

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
  /** Of this hour, by type. */
  #accepted: CountsOfSources = new Map();
  /** Of this hour, by reason. */
  #rejected: CountsOfSources = new Map();
  /** Of hours before it, and what could not be handed over. */
  #waiting: DoorCount[] = [];
  #cancel: (() => void) | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #hasEnded = false;

  constructor(options: DoorCountsOptions) {
    this.#options = options;
  }

  accepted(source: string, type: string, count: number): void {
    this.#atHour();
    add(this.#accepted, source, type, count);
    this.#schedule();
  }

  /** What no known source sent is in no count. */
  rejected(source: string | undefined, reason: string, count: number): void {
    if (source === undefined) return;
    this.#atHour();
    add(this.#rejected, source, reason, count);
    this.#schedule();
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

  #atHour(): void {
    const hour = hourOf(this.#options.clock.now());
    if (hour !== this.#hour) this.#turn(hour);
  }

  #schedule(): void {
    if (this.#hasEnded) return;
    this.#cancel ??= this.#options.clock.after(HAND_OVER_AFTER_MS, () => void this.handOver());
  }

  /** Puts what was counted to what waits, and begins anew. */
  #turn(hour: number): void {
    for (const [source, type, count] of each(this.#accepted))
      this.#waiting.push({ source, hour: this.#hour, type, count });
    for (const [source, reason, count] of each(this.#rejected))
      this.#waiting.push({ source, hour: this.#hour, reason, count });
    this.#accepted = new Map();
    this.#rejected = new Map();
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

function add(sources: CountsOfSources, source: string, what: string, count: number): void {
  let counts = sources.get(source);
  if (counts === undefined) {
    counts = new Map();
    sources.set(source, counts);
  }
  counts.set(what, (counts.get(what) ?? 0) + count);
}

function* each(sources: CountsOfSources): Generator<readonly [source: string, what: string, count: number]> {
  for (const [source, counts] of sources) for (const [what, count] of counts) yield [source, what, count];
}

/** As few counts as say the same, so that what cannot be handed over for days does not grow with time. */
function summed(counts: readonly DoorCount[]): DoorCount[] {
  const sums = new Map<string, DoorCount>();
  for (const one of counts) {
    const key = JSON.stringify([one.source, one.hour, one.type, one.reason]);
    sums.set(key, { ...one, count: one.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}
