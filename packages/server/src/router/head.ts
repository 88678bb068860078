import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogReader, LogRecord, Position, ReadBatch } from '../log/event-log.ts';
import type { Lane } from './lane.ts';
import { type Parcel, parcelOf } from './parcel.ts';

export interface HeadOptions {
  readonly log: LogReader;
  readonly partition: number;
  readonly lanes: readonly Lane[];
  /** Called when the lanes were given something, or taken past others' events. */
  readonly onMoved: () => void;
}

/**
 * Reads one partition for all of its lanes: each record is read and parsed once, however many lanes want it. A lane
 * that is full does not hold up the others: it leaves, reads for itself once it has room, and comes back.
 */
export class Head {
  readonly #options: HeadOptions;
  readonly #attached: Set<Lane>;
  readonly #aborter = new AbortController();
  #position: Position;
  #waiting: (() => void)[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(options: HeadOptions) {
    this.#options = options;
    this.#attached = new Set(options.lanes);
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
      this.#hand(batch, this.#position, this.#attached);
      this.#position = batch.next;
      for (const lane of this.#attached) if (!lane.wants()) this.#detach(lane);
      await this.#until(() => this.#attached.size > 0);
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** A lane may have room again. */
  roomMade(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Ends the reading. */
  stop(): void {
    this.#aborter.abort();
    this.roomMade();
  }

  #detach(lane: Lane): void {
    this.#attached.delete(lane);
    this.#catchUp(lane).catch((error: unknown) => {
      this.#failure = { error };
      this.stop();
    });
  }

  async #catchUp(lane: Lane): Promise<void> {
    await this.#until(() => lane.wants());
    if (this.#attachIfLevel(lane)) return;
    for await (const batch of this.#read(lane.reached, new Set([lane.source]))) {
      this.#hand(batch, lane.reached, [lane]);
      if (this.#attachIfLevel(lane)) return;
      await this.#until(() => lane.wants());
    }
  }

  /** Compares and attaches in one go: were there a wait between, the others could move on without it. */
  #attachIfLevel(lane: Lane): boolean {
    if (lane.reached < this.#position) return false;
    this.#attached.add(lane);
    this.roomMade();
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

  #hand({ records, next }: ReadBatch, from: Position, lanes: Iterable<Lane>): void {
    const { log, partition, onMoved } = this.#options;
    const loss = from < log.first(partition) ? 'expired' : 'damaged';
    const wanting = [...lanes];
    const parcels = parcelsBySource(records, new Set(wanting.map(({ source }) => source)));
    for (const lane of wanting) {
      // Nothing may be skipped in silence: a mistake in here has to stop the router.
      if (lane.reached < from) throw new Error(`lane ${lane.key.pipeline} was passed over`);
      lane.take(parcels.get(lane.source) ?? [], next, loss);
    }
    onMoved();
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!this.#aborter.signal.aborted && !isSo()) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }
}

function parcelsBySource(
  records: readonly LogRecord[],
  sources: ReadonlySet<string>,
): ReadonlyMap<string, readonly Parcel[]> {
  const parcels = new Map<string, Parcel[]>();
  for (const record of records) {
    if (!sources.has(record.source)) continue;
    const parcel = parcelOf(record);
    const others = parcels.get(record.source);
    if (others === undefined) parcels.set(record.source, [parcel]);
    else others.push(parcel);
  }
  return parcels;
}
