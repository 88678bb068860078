import type { DeadLetterView, EventTrace, ReplayStatus } from '../activity/delivery-views.ts';
import { DELIVERY_BOUNDS, Histogram } from '../platform/histogram.ts';
import type { Pipeline } from '../store/workspace.ts';
import { Committer } from './committer.ts';
import { EventCounts } from './event-counts.ts';
import { Head } from './head/head.ts';
import { Pace } from './head/pace.ts';
import { Verdicts } from './head/verdicts.ts';
import type { Lane } from './lane/lane.ts';
import { Room } from './lane/room.ts';
import { setBackToHeads } from './lane-places.ts';
import { LaneSet } from './lane-set.ts';
import { laneSnapshots } from './lane-snapshots.ts';
import { replayStatusOf } from './ledger.ts';
import type { LaneSnapshot, RouterSnapshot } from './messages.ts';
import { Outages } from './outages.ts';
import { Recent } from './recent.ts';
import { Repeats } from './repeats/repeats.ts';
import { Replays, type ReplayWish } from './replays.ts';
import type { RouterOptions } from './router-options.ts';
import { RunningPipelines } from './running-pipelines.ts';
import { transaction } from './state/database.ts';
import { DeliveryState } from './state/delivery-state.ts';
import { type DeadLetterChoice, Exceptions, type LaneException, type Page } from './state/exceptions.ts';
import { Tracer } from './trace.ts';
import { Trials } from './trials.ts';
import { within } from './within.ts';

/** A stop waits this long for answers; what is then still under way is sent again after the next start. */
const STOP_WITHIN_MS = 5_000;
/** How often what has become too old is removed. */
const TRIM_EVERY_MS = 3_600_000;
/** How long dead letters are kept. */
const DEAD_LETTERS_KEPT_MS = 30 * 24 * 3_600_000;

/** The lanes of all pipelines. */
export interface Router {
  /** Every lane's row of the ledger, at this moment. */
  snapshot(): RouterSnapshot;
  /**
   * Runs these pipelines from now on, and no others: resolves when nothing goes the old way any more, within 5 seconds.
   * Those that did not change are left alone. A new one begins at the head of the log. Rejects when one of them cannot
   * be used; the others run all the same.
   */
  apply(pipelines: readonly Pipeline[]): Promise<void>;
  /**
   * Told of all pipelines that are stored, those too that cannot run: what is kept of others is forgotten, once they have
   * been gone for 30 days. Throws when there is no room: then nothing was forgotten.
   */
  forgetOthers(stored: readonly string[]): void;
  /** What came of events by hour. */
  readonly counts: Pick<EventCounts, 'of' | 'takeFromDoor'>;
  /** Since when every attempt of a pipeline has failed. */
  readonly outages: Pick<Outages, 'all'>;
  /** Reads accepted events back. */
  readonly recent: Pick<Recent, 'page'>;
  /** What became of an event: one entry for each record with this message id. */
  trace(source: string, messageId: string): readonly EventTrace[];
  /** A pipeline's dead letters, newest first. */
  deadLetters(choice: DeadLetterChoice, page: Page): readonly DeadLetterView[];
  /** What people try out before it is in force. */
  readonly trials: Pick<Trials, 'preview' | 'testConnection'>;
  /** How many dead letters a pipeline has of each reason. */
  reasons(pipeline: string): readonly { readonly reason: string; readonly count: number }[];
  /** Delivers dead letters once more, those that are on their way already left alone; answers how many. */
  redeliver(choice: DeadLetterChoice): number;
  /** Sends a source's past once more; undefined when the pipeline does not run. */
  replay(wish: ReplayWish): ReplayStatus | undefined;
  /** All replays, or those of one pipeline; newest first. */
  replays(pipeline: string | undefined): readonly ReplayStatus[];
  /** Resolves with false when the replay is not in a state for that. */
  changeReplay(id: string, to: 'pause' | 'resume' | 'cancel'): Promise<boolean>;
  /** Waits for what is under way, for a while; commits; frees everything. */
  stop(): Promise<void>;
}

/** Starts every enabled pipeline at its committed position, but for those that cannot be used. Throws when the state cannot. */
export function startRouter(options: RouterOptions): Router {
  const router = new RunningRouter(options);
  router.start();
  return router;
}

class RunningRouter implements Router {
  readonly counts: EventCounts;
  readonly outages: Outages;
  readonly recent: Recent;
  readonly #options: RouterOptions;
  readonly #state: DeliveryState;
  readonly #exceptions: Exceptions;
  readonly #lanes: LaneSet;
  readonly #verdicts: readonly Verdicts[];
  readonly #heads: readonly Head[];
  readonly #committer: Committer;
  readonly #pipelines: RunningPipelines;
  readonly #replays: Replays;
  readonly #tracer: Tracer;
  readonly trials: Trials;
  readonly #latency = new Histogram(DELIVERY_BOUNDS);
  #cancelTrim = () => {};
  #reading: Promise<unknown> = Promise.resolve();
  #hasEnded = false;

  constructor(options: RouterOptions) {
    this.#options = options;
    const { log, clock, stateFile, report, starts } = options;
    const { openState = (file) => new DeliveryState(file) } = options;
    const state = openState(stateFile);
    const exceptions = new Exceptions(state.db);
    this.#state = state;
    this.#exceptions = exceptions;
    const known = state.outages.all();
    this.outages = new Outages({ known, clock, onChanged: () => this.#committer.moved() });
    this.#lanes = new LaneSet({
      ...options,
      state,
      exceptions,
      room: new Room(() => this.#noteRoom()),
      latency: this.#latency,
      outages: this.outages,
      onBug: (error) => this.#endWith(error, options.onBug),
      onChanged: (lane) => {
        this.#heads[lane.key.partition]?.roomMade(lane);
        this.#committer.changed(lane);
      },
    });
    this.#replays = new Replays({
      ...options,
      state,
      exceptions,
      open: (key) => this.#pipelines.open(key),
      close: (key) => this.#pipelines.close(key),
    });
    const { moved, forgotten } = setBackToHeads(state, options.pipelines, starts, report);
    if (moved.length + forgotten.length > 0) this.#forgetHeads();
    this.#verdicts = Array.from({ length: log.partitions }, (_, partition) => this.#verdictsOf(partition));
    const pace = new Pace(clock, options.threadLoad);
    this.#heads = this.#verdicts.map((verdicts, partition) => {
      return new Head({ log, partition, verdicts, clock, pace, onMoved: () => this.#committer.moved() });
    });
    this.counts = new EventCounts({
      state,
      verdicts: this.#verdicts,
      lanes: () => this.#lanes.all(),
      pipelines: () => this.#pipelines.all,
    });
    this.recent = new Recent({ log, verdicts: this.#verdicts, clock });
    this.#committer = new Committer({
      state,
      stateFile,
      verdicts: this.#verdicts,
      outages: this.outages,
      clock,
      report,
      lanes: () => this.#lanes.all(),
      beforePositions: () => {
        for (const head of this.#heads) head.bringUp();
      },
      onCommitted: (lanes) => this.#noteCommitted(lanes),
      onFailure: (error) => this.#fail(error),
    });
    this.trials = new Trials({ ...options, pipelines: () => this.#pipelines.all });
    this.#tracer = new Tracer({
      ...options,
      state,
      exceptions,
      verdicts: this.#verdicts,
      pipelines: () => this.#pipelines.all,
      lane: (key) => this.#lanes.lane(key),
    });
    this.#pipelines = new RunningPipelines({
      log,
      state,
      lanes: this.#lanes,
      heads: this.#heads,
      committer: this.#committer,
      tracer: this.#tracer,
      outages: this.outages,
      clock,
      report,
      replaying: (pipeline) => this.#replays.running(pipeline),
      onOver: (lane) => this.#finish(lane),
    });
    this.#committer.place(moved, forgotten);
    // At once: what follows reads the places back, and a crash before the first event changes nothing about them.
    this.#committer.all();
  }

  start(): void {
    const { pipelines, starts } = this.#options;
    this.#pipelines.start(pipelines, starts);
    if (this.#hasEnded) return;
    this.#reading = Promise.all(this.#heads.map((head) => head.run())).catch((error: unknown) =>
      this.#fail(error),
    );
    this.#trim();
  }

  snapshot(): RouterSnapshot {
    const repeats = new Map<string, number>();
    for (const { counts } of this.#verdicts)
      for (const [source, count] of counts) repeats.set(source, (repeats.get(source) ?? 0) + count);
    return { lanes: this.#laneSnapshots(), repeats, latency: this.#latency.snapshot() };
  }

  apply(pipelines: readonly Pipeline[]): Promise<void> {
    return this.#pipelines.apply(pipelines);
  }

  forgetOthers(stored: readonly string[]): void {
    const running = this.#pipelines.all.map(({ id }) => id);
    const present = new Set([...stored, ...running]);
    transaction(this.#state.db, () => this.#state.removed.forget(present, this.#options.clock.now()));
  }

  trace(source: string, messageId: string): readonly EventTrace[] {
    // What is not a row yet would look as if it had gone well.
    this.#committer.all();
    return this.#tracer.trace(source, messageId);
  }

  deadLetters(choice: DeadLetterChoice, page: Page): readonly DeadLetterView[] {
    // So that they are as many as the ledger says.
    this.#committer.all();
    return this.#exceptions.search(choice, page).map(viewOf);
  }

  reasons(pipeline: string): readonly { readonly reason: string; readonly count: number }[] {
    this.#committer.all();
    return this.#exceptions.reasons(pipeline);
  }

  redeliver(choice: DeadLetterChoice): number {
    if (!this.#committer.all()) throw new Error('the disk is full: make room, then redeliver');
    let redelivered = 0;
    for (const key of this.#exceptions.lanesOf(choice)) {
      const replay = this.#replays.row(key.replay);
      const isWoken = replay !== undefined && replay.state !== 'paused';
      // First: after a crash in between it runs, and ends again.
      if (isWoken) this.#replays.wake(replay);
      const count = this.#exceptions.queue(choice, key);
      redelivered += count;
      const lane = this.#lanes.lane(key);
      if (lane !== undefined) lane.revive(count);
      else if (isWoken) this.#replays.open(replay);
    }
    return redelivered;
  }

  replay(wish: ReplayWish): ReplayStatus | undefined {
    const pipeline = this.#lanes.pipelines.find(({ id }) => id === wish.pipeline);
    if (pipeline === undefined) return undefined;
    const { id } = this.#replays.begin(wish, pipeline.source);
    return this.replays(wish.pipeline).find((status) => status.id === id);
  }

  replays(pipeline: string | undefined): readonly ReplayStatus[] {
    const rows = this.#replays.all().filter((row) => pipeline === undefined || row.pipeline === pipeline);
    const lanes = this.#laneSnapshots();
    return rows.map((row) => replayStatusOf(row, lanes));
  }

  changeReplay(id: string, to: 'pause' | 'resume' | 'cancel'): Promise<boolean> {
    return this.#pipelines.inTurn(async () => {
      if (this.#hasEnded) return false;
      if (to === 'pause') return this.#replays.pause(id);
      return to === 'cancel' ? this.#replays.cancel(id) : this.#replays.resume(id);
    });
  }

  async stop(): Promise<void> {
    this.#cancelTrim();
    this.trials.stop();
    for (const head of this.#heads) head.stop();
    const lanes = [...this.#lanes.all()];
    const { clock } = this.#options;
    await within(clock, STOP_WITHIN_MS, [this.#reading, ...lanes.map((lane) => lane.stop())]);
    for (const lane of lanes) lane.close();
    if (!this.#hasEnded) this.#committer.all();
    this.#end();
    await Promise.all(this.#lanes.pipelines.map(({ id }) => this.#lanes.close(id)));
  }

  #laneSnapshots(): LaneSnapshot[] {
    const places = {
      state: this.#state,
      lanes: this.#lanes,
      heads: this.#heads,
      verdicts: this.#verdicts,
    };
    return laneSnapshots(places, this.#pipelines.all);
  }

  #verdictsOf(partition: number): Verdicts {
    const { repeatsStorage, dedupWindowMs, report, log, starts } = this.#options;
    const repeats = new Repeats({
      storage: repeatsStorage(partition),
      windowMs: dedupWindowMs,
      kept: this.#state.keys(partition),
      report,
    });
    const places = this.#state
      .lanes()
      .filter(({ lane }) => lane.partition === partition && lane.replay === '');
    // The log may have grown since it was seen where new lanes begin.
    const head = Math.min(log.head(partition), starts[partition]?.position ?? 0);
    const lowest = Math.min(head, ...places.map(({ progress }) => progress.position));
    return new Verdicts(partition, this.#state, repeats, lowest);
  }

  /** The log lost its end: what was known about it is no longer true. */
  #forgetHeads(): void {
    for (const [partition, { position, sequences }] of this.#options.starts.entries())
      this.#state.forgetHead(partition, position, sequences);
    this.#replays.cancelAll();
  }

  /** The replay has come to its end; that it has is noted again where the router ends first. */
  #finish(lane: Lane): void {
    this.#replays.finished(lane).catch((error: unknown) => this.#fail(error));
  }

  /** Any lane may have room again. */
  #noteRoom(): void {
    for (const head of this.#heads) head.roomMade();
  }

  #noteCommitted(lanes: readonly Lane[]): void {
    for (const lane of lanes) {
      this.#heads[lane.key.partition]?.roomMade(lane);
      if (lane.isDone) this.#finish(lane);
    }
  }

  #trim(): void {
    const { clock, log } = this.#options;
    this.#exceptions.trim(clock.now() - DEAD_LETTERS_KEPT_MS);
    this.counts.trim(clock.now());
    for (const partition of this.#heads.keys()) {
      this.#state.trimRepeats(partition, log.first(partition));
      this.#tracer.trim(partition, log.first(partition));
    }
    this.#cancelTrim = clock.after(TRIM_EVERY_MS, () => this.#trim());
  }

  #fail(error: unknown): void {
    this.#endWith(error, this.#options.onFailure);
  }

  #endWith(error: unknown, tell: (error: unknown) => void): void {
    if (this.#hasEnded) return;
    this.#end();
    tell(error);
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cancelTrim();
    this.#committer.end();
    this.recent.stop();
    for (const head of this.#heads) head.stop();
    this.#pipelines.end();
    for (const verdicts of this.#verdicts) verdicts.close();
    this.#state.close();
  }
}

function viewOf({ lane, event, ...row }: LaneException): DeadLetterView {
  const { id, state, messageId, count, reason, status, attempts, at, answer } = row;
  return {
    id,
    ...lane,
    state: state === 'parked' ? 'queued' : state,
    messageId,
    count,
    reason,
    status,
    attempts,
    at,
    answer,
    event: event === undefined ? undefined : Buffer.from(event).toString(),
  };
}
