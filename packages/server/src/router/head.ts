import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogReader, LogRecord, Position, ReadBatch } from '../log/event-log.ts';
import type { Clock } from '../platform/clock.ts';
import { Bell } from './bell.ts';
import type { Lane, Loss } from './lane.ts';
import { Offer } from './parcel.ts';

/**
 * Lanes without room are waited for while others could go on: for so long each, and in all. When every lane is slow
 * they all get their turn, and need not read the log one by one; a single slow lane leaves soon.
 */
const PATIENCE_MS = 50;
const PATIENCE_MAX_MS = 1_000;

/** A lane that reads for itself keeps its place in the log, and up to 1 MB of it, for so long without room. */
const PLACE_KEPT_MS = 1_000;

export interface HeadOptions {
  readonly log: LogReader;
  readonly partition: number;
  readonly lanes: readonly Lane[];
  readonly clock: Clock;
  /** Called when the lanes were given something, or taken past others' events. */
  readonly onMoved: () => void;
}

/**
 * Reads one partition for all of its lanes: each record is read and parsed once, however many lanes want it. A lane
 * that stays full does not hold up the others: it leaves, reads for itself as it has room, and comes back.
 */
export class Head {
  readonly #options: HeadOptions;
  readonly #attached: Set<Lane>;
  /** Rung when something changed for the attached lanes. */
  readonly #bell: Bell;
  /** One for each lane that left. */
  readonly #bells = new Map<Lane, Bell>();
  readonly #aborter = new AbortController();
  /** Up to where the attached lanes were given everything, or are being given it. */
  #position: Position;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: HeadOptions) {
    this.#options = options;
    this.#attached = new Set(options.lanes);
    this.#bell = new Bell(options.clock);
    this.#position = options.lanes.reduce(
      (lowest, { reached }) => Math.min(lowest, reached),
      options.log.head(options.partition),
    );
  }

  /** Hands out events from the slowest lane's position on, until stopped. Rejects when the log cannot be read. */
  async run(): Promise<void> {
    const { lanes } = this.#options;
    if (lanes.length === 0) return;
    const sources = new Set(lanes.map(({ source }) => source));
    for await (const batch of this.#read(this.#position, sources)) {
      await this.#handToAttached(batch);
      await this.#until(this.#bell, () => this.#attached.size > 0);
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** A lane may have room again; without a lane: all of them. */
  roomMade(lane?: Lane): void {
    if (lane !== undefined) return (this.#bells.get(lane) ?? this.#bell).ring();
    this.#bell.ring();
    for (const bell of this.#bells.values()) bell.ring();
  }

  /** Ends the reading. */
  stop(): void {
    this.#aborter.abort();
    this.roomMade();
  }

  /**
   * Gives the attached lanes a batch, piece by piece as they have room. When others have it all, the rest get it in
   * time or leave.
   */
  async #handToAttached(batch: ReadBatch): Promise<void> {
    const { clock } = this.#options;
    const loss = this.#lossFrom(this.#position);
    for (const { key, reached } of this.#attached) {
      // Nothing may be skipped in silence: a mistake in here has to stop the router.
      if (reached < this.#position) throw new Error(`lane ${key.pipeline} was passed over`);
    }
    this.#position = batch.next;
    let full = this.#hand(batch, loss, [...this.#attached]);
    let deadline = Number.POSITIVE_INFINITY;
    while (full.length > 0) {
      const waiting = full;
      const areHeldUp = () => waiting.length < this.#attached.size && deadline === Number.POSITIVE_INFINITY;
      if (areHeldUp()) deadline = clock.monotonic() + Math.min(PATIENCE_MS * waiting.length, PATIENCE_MAX_MS);
      const mayGoOn = () => waiting.some((lane) => lane.wants()) || areHeldUp();
      if (!(await this.#until(this.#bell, mayGoOn, deadline))) break;
      full = this.#hand(batch, loss, waiting);
    }
    for (const lane of full) this.#detach(lane);
  }

  #detach(lane: Lane): void {
    this.#attached.delete(lane);
    const bell = new Bell(this.#options.clock);
    this.#bells.set(lane, bell);
    this.#catchUp(lane, bell).catch((error: unknown) => {
      this.#failure = { error };
      this.stop();
    });
  }

  async #catchUp(lane: Lane, bell: Bell): Promise<void> {
    while (await this.#until(bell, () => lane.wants())) {
      if (this.#attachIfLevel(lane)) return;
      await this.#readFor(lane, bell);
    }
  }

  /** Until the lane is level with the others, or has had no room for so long that it gives up its place in the log. */
  async #readFor(lane: Lane, bell: Bell): Promise<void> {
    const { clock } = this.#options;
    for await (const batch of this.#read(lane.reached, new Set([lane.source]))) {
      const loss = this.#lossFrom(lane.reached);
      while (lane.reached < batch.next) {
        this.#hand(batch, loss, [lane]);
        if (lane.reached >= this.#position) return;
        if (!(await this.#until(bell, () => lane.wants(), clock.monotonic() + PLACE_KEPT_MS))) return;
      }
    }
  }

  /** Compares and attaches in one go: were there a wait between, the others could move on without it. */
  #attachIfLevel(lane: Lane): boolean {
    if (lane.reached < this.#position) return false;
    this.#bells.delete(lane);
    this.#attached.add(lane);
    this.#bell.ring();
    return true;
  }

  /** The log's batches until stopped, with a turn for answers and timers after each: a log far ahead is read in one go else. */
  async *#read(from: Position, sources: ReadonlySet<string>): AsyncIterable<ReadBatch> {
    const { log, partition } = this.#options;
    const { signal } = this.#aborter;
    for await (const batch of log.read({ partition, from, sources, signal })) {
      if (signal.aborted) return;
      yield batch;
      await nextTurn();
      if (signal.aborted) return;
    }
  }

  /** Gives lanes what they have room for, and returns those that had not enough of it. */
  #hand({ records, next }: ReadBatch, loss: Loss, lanes: readonly Lane[]): readonly Lane[] {
    const offers = offersTo(lanes, records);
    for (const lane of lanes) lane.take(offers.get(lane.source) ?? [], next, loss);
    this.#options.onMoved();
    return lanes.filter(({ reached }) => reached < next);
  }

  #lossFrom(position: Position): Loss {
    const { log, partition } = this.#options;
    return position < log.first(partition) ? 'expired' : 'damaged';
  }

  /** Resolves with true as soon as it is so; with false once the deadline has passed, or the reading ended. */
  async #until(bell: Bell, isSo: () => boolean, deadline = Number.POSITIVE_INFINITY): Promise<boolean> {
    const { clock } = this.#options;
    while (!this.#aborter.signal.aborted) {
      if (isSo()) return true;
      const left = deadline - clock.monotonic();
      if (left <= 0) return false;
      await bell.heard(left);
    }
    return false;
  }
}

/**
 * What these lanes have not taken yet, by source. Made anew for each round, so that what was taken and delivered is not
 * kept while others are waited for.
 */
function offersTo(
  lanes: readonly Lane[],
  records: readonly LogRecord[],
): ReadonlyMap<string, readonly Offer[]> {
  const offers = new Map<string, Offer[]>(lanes.map(({ source }) => [source, []]));
  const lowest = lanes.reduce((least, { reached }) => Math.min(least, reached), Number.POSITIVE_INFINITY);
  for (const record of records)
    if (record.position >= lowest) offers.get(record.source)?.push(new Offer(record));
  return offers;
}
