import type { LogReader } from '../log/event-log.ts';
import type { Clock } from '../platform/clock.ts';
import type { Lane } from './lane/lane.ts';
import { placeAtHead } from './lane-places.ts';
import type { DeliveryState } from './state/delivery-state.ts';
import type { Exceptions } from './state/exceptions.ts';
import { type ReplayRow, ReplayRows } from './state/replay-rows.ts';
import type { LaneCommit, LaneKey, LaneProgress } from './state/rows.ts';

/** What is to be replayed: the events received from one time on and before another, in milliseconds since 1970. */
export interface ReplayWish {
  readonly pipeline: string;
  readonly from: number;
  readonly until: number;
}

export interface ReplaysOptions {
  readonly log: LogReader;
  readonly state: DeliveryState;
  readonly exceptions: Exceptions;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Runs a lane from where it is committed; nothing when its pipeline does not run. */
  readonly open: (key: LaneKey) => void;
  /** Stops a lane and commits what it came to. */
  readonly close: (key: LaneKey) => Promise<void>;
}

/** What a cancelled replay had still to send again. */
const CANCELLED = 'the replay was cancelled';

/** Sends a source's past once more into a pipeline: each replay is a lane of its own that ends. */
export class Replays {
  readonly #options: ReplaysOptions;
  readonly #rows: ReplayRows;

  constructor(options: ReplaysOptions) {
    this.#options = options;
    this.#rows = new ReplayRows(options.state.db);
  }

  /** Newest first. */
  all(): readonly ReplayRow[] {
    return this.#rows.all();
  }

  /** The lanes of those that run, of one pipeline. */
  running(pipeline: string): readonly LaneKey[] {
    return this.#rows
      .all()
      .filter((row) => row.pipeline === pipeline && row.state === 'running')
      .flatMap(({ id }) => this.#keys(pipeline, id));
  }

  /** Begins a replay: durably, so that it goes on after a restart. */
  begin({ pipeline, from, until }: ReplayWish, source: string): ReplayRow {
    const { log, state, clock, newId, open } = this.#options;
    const row: ReplayRow = {
      id: newId(),
      pipeline,
      fromTime: from,
      untilTime: until,
      createdAt: clock.now(),
      state: 'running',
    };
    const lanes = this.#keys(pipeline, row.id).map((lane): LaneCommit => {
      const start = log.placeAt(lane.partition, from);
      const end = log.placeAt(lane.partition, until);
      // Where the clock was set back, the end may lie before the start: then there is nothing to send.
      const last = end.position > start.position ? end : start;
      const progress: LaneProgress = {
        ...placeAtHead(source, start),
        end: { position: last.position, sequence: last.sequences.get(source) ?? 0 },
      };
      return { lane, progress, saved: [], removed: [] };
    });
    state.commit({ lanes, heads: [] }, () => this.#rows.save(row));
    for (const { lane } of lanes) open(lane);
    return row;
  }

  /** Stops it for a while. False: it does not run. */
  async pause(id: string): Promise<boolean> {
    const row = this.#rows.get(id);
    if (row?.state !== 'running') return false;
    this.#rows.save({ ...row, state: 'paused' });
    await this.#close(row);
    return true;
  }

  /** Goes on after a pause. False: it was not paused. */
  resume(id: string): boolean {
    const row = this.#rows.get(id);
    if (row?.state !== 'paused') return false;
    this.wake(row);
    this.open(row);
    return true;
  }

  /** Ends it where it is; what it has sent stays sent. False: it has ended before. */
  async cancel(id: string): Promise<boolean> {
    const row = this.#rows.get(id);
    if (row === undefined || row.state === 'cancelled' || row.state === 'done') return false;
    this.#rows.save({ ...row, state: 'cancelled' });
    await this.#close(row);
    for (const key of this.#keys(row.pipeline, id)) this.#cutOff(key);
    return true;
  }

  /** A lane has nothing left to do. */
  async finished({ key }: Lane): Promise<void> {
    await this.#options.close(key);
    const row = this.#rows.get(key.replay);
    if (row?.state !== 'running') return;
    // While it ended, dead letters of it were queued.
    if (!this.#isOver(key)) return this.#options.open(key);
    const isOver = this.#keys(key.pipeline, key.replay).every((other) => this.#isOver(other));
    if (isOver) this.#rows.save({ ...row, state: 'done' });
  }

  /** It is to run again, also after it had ended, and after a restart: its dead letters are to be redelivered. */
  wake(row: ReplayRow): void {
    this.#rows.save({ ...row, state: 'running' });
  }

  /** Runs its lanes, as far as they do not. */
  open({ pipeline, id }: ReplayRow): void {
    for (const key of this.#keys(pipeline, id)) this.#options.open(key);
  }

  row(id: string): ReplayRow | undefined {
    return this.#rows.get(id);
  }

  /** The log has lost its end, and with it positions that replays end at. */
  cancelAll(): void {
    for (const row of this.#rows.all())
      if (row.state === 'running' || row.state === 'paused') this.#rows.save({ ...row, state: 'cancelled' });
  }

  #isOver(key: LaneKey): boolean {
    const progress = this.#options.state.lane(key);
    return progress?.end === undefined || (progress.position >= progress.end.position && progress.held === 0);
  }

  async #close({ pipeline, id }: ReplayRow): Promise<void> {
    await Promise.all(this.#keys(pipeline, id).map((key) => this.#options.close(key)));
  }

  /** The lane ends where it is; what it had parked is not sent again, and what it was to redeliver stays dead. */
  #cutOff(key: LaneKey): void {
    const { state } = this.#options;
    const progress = state.lane(key);
    if (progress === undefined) return;
    const parked = state.parked(key).map(({ id }) => id);
    const { position, sequence, filtered, held, dead } = progress;
    const queued = held - parked.length;
    const cancelled = (filtered.get(CANCELLED) ?? 0) + parked.length;
    const cut: LaneProgress = {
      ...progress,
      filtered: parked.length === 0 ? filtered : new Map([...filtered, [CANCELLED, cancelled]]),
      held: 0,
      dead: dead + queued,
      end: { position, sequence },
    };
    state.commit({ lanes: [{ lane: key, progress: cut, saved: [], removed: parked }], heads: [] }, () =>
      this.#options.exceptions.putBack(key),
    );
  }

  #keys(pipeline: string, replay: string): LaneKey[] {
    return Array.from({ length: this.#options.log.partitions }, (_, partition) => ({
      pipeline,
      partition,
      replay,
    }));
  }
}
