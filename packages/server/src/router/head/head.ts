import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogReader, LogRecord, Position, ReadBatch } from '../../log/event-log.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Lane, Loss } from '../lane/lane.ts';
import { Offer } from '../parcel.ts';
import { Bell } from './bell.ts';
import { type Pace, piecesOf } from './pace.ts';
import type { Verdicts } from './verdicts.ts';

/**
 * Lanes without room are waited for while others could go on: for so long each, and in all. When every lane is slow
 * they all get their turn, and need not read the log one by one; a single slow lane leaves soon.
 */
const PATIENCE_MS = 20;
const PATIENCE_MAX_MS = 1_000;

/** A lane that reads for itself keeps its place in the log, and up to 1 MB of it, for so long without room. */
const PLACE_KEPT_MS = 1_000;

/** After a crash lanes are a little behind: so many positions are read once for all of them, those further back alone. */
const READ_AGAIN_MAX = 20_000;

export interface HeadOptions {
  readonly log: LogReader;
  readonly partition: number;
  readonly verdicts: Verdicts;
  readonly clock: Clock;
  /** Holds back lanes that read for themselves, for the sake of the others. */
  readonly pace: Pace;
  /** Called when the lanes were given something, or taken past others' events. */
  readonly onMoved: () => void;
}

/** A lane that reads for itself. */
interface Straggler {
  readonly bell: Bell;
  readonly aborter: AbortController;
}

/**
 * Reads one partition for all of its lanes: each record is read, judged and parsed once, however many lanes want it. A
 * lane that stays full does not hold up the others: it leaves, reads for itself as it has room, and comes back.
 */
export class Head {
  readonly #options: HeadOptions;
  /** By source: those that get what the head reads. */
  readonly #attached = new Map<string, Set<Lane>>();
  #attachedCount = 0;
  /** Attached ones that have no room for the batch at hand. */
  #full: readonly Lane[] = [];
  readonly #stragglers = new Map<Lane, Straggler>();
  /** Every source that has a pipeline, one that is switched off too: what repeats is decided for all of them. */
  #sources: ReadonlySet<string> = new Set();
  /** Rung when something changed for the attached lanes. */
  readonly #bell: Bell;
  readonly #aborter = new AbortController();
  /** Up to where the attached lanes were given everything, or are being given it. */
  #position: Position;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: HeadOptions) {
    this.#options = options;
    this.#bell = new Bell(options.clock);
    this.#position = options.verdicts.decided;
  }

  /**
   * Hands out events until stopped; from the lowest place on of those lanes that were added before and are not far
   * behind. Rejects when the log cannot be read.
   */
  async run(): Promise<void> {
    for (const lane of this.#stragglers.keys()) {
      const isNear =
        lane.end === undefined && lane.reached >= this.#options.verdicts.decided - READ_AGAIN_MAX;
      if (isNear) this.#position = Math.min(this.#position, lane.reached);
    }
    for (const lane of this.#stragglers.keys()) if (!this.#attachIfLevel(lane)) this.#follow(lane);
    while (await this.#until(this.#bell, () => this.#sources.size > 0)) await this.#readForAttached();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Wants the records of all these sources from now on. */
  want(sources: ReadonlySet<string>): void {
    this.#sources = sources;
    this.#options.verdicts.want(sources, this.#options.log.head(this.#options.partition));
    this.#bell.ring();
  }

  /** A lane goes on from where it is; `isRunning` is false before `run`. */
  add(lane: Lane, isRunning: boolean): void {
    this.#stragglers.set(lane, { bell: new Bell(this.#options.clock), aborter: new AbortController() });
    if (isRunning) this.#follow(lane);
  }

  /** A lane gets nothing more. */
  remove(lane: Lane): void {
    this.#leave(lane);
    this.#full = this.#full.filter((other) => other !== lane);
    const straggler = this.#stragglers.get(lane);
    this.#stragglers.delete(lane);
    straggler?.aborter.abort();
    straggler?.bell.ring();
    this.#bell.ring();
  }

  /** A lane may have room again; without a lane: all of them. */
  roomMade(lane?: Lane): void {
    if (lane !== undefined) return (this.#stragglers.get(lane)?.bell ?? this.#bell).ring();
    this.#bell.ring();
    for (const { bell } of this.#stragglers.values()) bell.ring();
  }

  /** Takes the attached lanes past the events of others that they have had no part in. */
  bringUp(): void {
    const full = new Set(this.#full);
    for (const lanes of this.#attached.values())
      for (const lane of lanes) if (!full.has(lane)) lane.take([], this.#position, 'damaged');
  }

  /** How many repeats a lane has still in front of it. */
  repeatsAhead(lane: Lane): number {
    const isLevel = !this.#stragglers.has(lane) && !this.#full.includes(lane);
    const { verdicts } = this.#options;
    return isLevel ? 0 : verdicts.count(lane.source, lane.reached, lane.end ?? verdicts.decided);
  }

  /** Ends the reading. */
  stop(): void {
    this.#aborter.abort();
    this.roomMade();
  }

  async #readForAttached(): Promise<void> {
    const sources = this.#sources;
    this.#expire(
      this.#position,
      [...this.#attached.values()].flatMap((lanes) => [...lanes]),
    );
    for await (const batch of this.#read(this.#position, sources)) {
      // Other sources are wanted by now, which this batch may lack.
      if (sources !== this.#sources) return;
      await this.#handToAttached(batch);
      // When all have left, there is nobody to read on for.
      await this.#until(this.#bell, () => this.#attachedCount > 0 || this.#liveStragglers() === 0);
    }
  }

  /**
   * Gives the attached lanes a batch, piece by piece as they have room. When others have it all, the rest get it in
   * time or leave.
   */
  async #handToAttached(batch: ReadBatch): Promise<void> {
    const { clock } = this.#options;
    const from = this.#position;
    const loss = this.#lossFrom(from);
    this.#options.verdicts.decide(batch.records, batch.next);
    this.#position = batch.next;
    for (const [{ end }, { bell }] of this.#stragglers) if (end !== undefined) bell.ring();
    this.#full = this.#hand(batch, from, loss, (source) => this.#attached.get(source) ?? []);
    let deadline = Number.POSITIVE_INFINITY;
    while (this.#full.length > 0) {
      const waiting = this.#full;
      const areHeldUp = () =>
        this.#full.length < this.#attachedCount && deadline === Number.POSITIVE_INFINITY;
      if (areHeldUp()) deadline = clock.monotonic() + Math.min(PATIENCE_MS * waiting.length, PATIENCE_MAX_MS);
      const mayGoOn = () =>
        this.#full.length < waiting.length || waiting.some((lane) => lane.wants()) || areHeldUp();
      if (!(await this.#until(this.#bell, mayGoOn, deadline))) break;
      this.#full = this.#hand(batch, from, loss, (source) =>
        this.#full.filter((lane) => lane.source === source),
      );
    }
    for (const lane of this.#full) {
      this.#leave(lane);
      this.add(lane, true);
    }
    this.#full = [];
  }

  #liveStragglers(): number {
    return [...this.#stragglers.keys()].filter(({ end }) => end === undefined).length;
  }

  #leave(lane: Lane): void {
    if (this.#attached.get(lane.source)?.delete(lane)) this.#attachedCount -= 1;
  }

  #follow(lane: Lane): void {
    const straggler = this.#stragglers.get(lane);
    if (straggler === undefined) return;
    this.#catchUp(lane, straggler).catch((error: unknown) => {
      this.#failure = { error };
      this.stop();
    });
  }

  async #catchUp(lane: Lane, { bell, aborter }: Straggler): Promise<void> {
    const { verdicts } = this.#options;
    const isUndecided = () =>
      lane.end !== undefined && lane.reached < lane.end && lane.reached >= verdicts.decided;
    const mayGoOn = () => (lane.wants() && !isUndecided()) || aborter.signal.aborted;
    while (await this.#until(bell, mayGoOn)) {
      this.#expire(lane.reached, [lane]);
      if (aborter.signal.aborted || this.#attachIfLevel(lane)) return;
      if (lane.end !== undefined && lane.reached >= lane.end) return;
      await this.#readFor(lane, bell, aborter.signal);
    }
  }

  /** Until the lane is level with the others, or has had no room for so long that it gives up its place in the log. */
  async #readFor(lane: Lane, bell: Bell, removed: AbortSignal): Promise<void> {
    const { clock, verdicts } = this.#options;
    for await (const read of this.#read(lane.reached, new Set([lane.source]))) {
      // After a crash a replay may end behind what is decided so far.
      const limit = Math.min(lane.end ?? verdicts.decided, verdicts.decided);
      const batch = read.next <= limit ? read : upTo(read, limit);
      const loss = this.#lossFrom(lane.reached);
      for (const piece of piecesOf(batch)) {
        if (this.#attachedCount > 0) await this.#options.pace.turn(piece.records.length, removed);
        const from = lane.reached;
        while (lane.reached < piece.next) {
          if (removed.aborted) return;
          this.#hand(piece, from, loss, () => [lane]);
          if (piece.records.length === 0) lane.take([], piece.next, loss);
          if (!(await this.#until(bell, () => lane.wants(), clock.monotonic() + PLACE_KEPT_MS))) return;
        }
      }
      if (removed.aborted || lane.reached >= limit) return;
    }
  }

  /** Compares and attaches in one go: were there a wait between, the others could move on without it. */
  #attachIfLevel(lane: Lane): boolean {
    if (lane.end !== undefined || lane.reached < this.#position) return false;
    this.#stragglers.delete(lane);
    const lanes = this.#attached.get(lane.source) ?? new Set();
    this.#attached.set(lane.source, lanes.add(lane));
    this.#attachedCount += 1;
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

  /**
   * Gives the lanes of each source what they have room for, and returns those that had not enough of it. Offers are made
   * anew each time, so that what was taken and delivered is not kept while others are waited for.
   */
  #hand(
    { records, next }: ReadBatch,
    from: Position,
    loss: Loss,
    lanesOf: (source: string) => Iterable<Lane>,
  ): readonly Lane[] {
    const full: Lane[] = [];
    const repeats = this.#options.verdicts.between(from, next);
    for (const [source, group] of Map.groupBy(records, (record) => record.source)) {
      const lanes = [...lanesOf(source)];
      const lowest = Math.min(...lanes.map(({ reached }) => reached));
      const offers = group.flatMap((record) =>
        record.position < lowest ? [] : [new Offer(record, repeats.has(record.position))],
      );
      for (const lane of lanes) {
        lane.take(offers, next, loss);
        if (lane.reached < next) full.push(lane);
      }
    }
    this.#options.onMoved();
    return full;
  }

  /**
   * Takes lanes that stand at `from` past what was dropped by age since: no later event of their source may ever come
   * that would show how many were lost.
   */
  #expire(from: Position, lanes: readonly Lane[]): void {
    const { log, partition } = this.#options;
    if (from >= log.first(partition)) return;
    const { position, sequences } = log.placeAt(partition, Number.NEGATIVE_INFINITY);
    for (const lane of lanes) lane.take([], position, 'expired', sequences.get(lane.source));
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

/** The part of a batch that lies before a position. */
function upTo({ records }: ReadBatch, limit: Position): ReadBatch {
  return { records: records.filter(({ position }: LogRecord) => position < limit), next: limit };
}
