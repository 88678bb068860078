import type { LogReader } from '../log/event-log.ts';
import type { Clock } from '../platform/clock.ts';
import type { Pipeline } from '../store/workspace.ts';
import type { Committer } from './committer.ts';
import type { Head } from './head/head.ts';
import type { Lane } from './lane/lane.ts';
import { placeAtHead } from './lane-places.ts';
import type { LaneSet } from './lane-set.ts';
import type { LaneStart, Report } from './messages.ts';
import type { Outages } from './outages.ts';
import type { DeliveryState } from './state/delivery-state.ts';
import type { LaneKey } from './state/rows.ts';
import type { Tracer } from './trace.ts';
import { within } from './within.ts';

/** A change waits so long for answers, so that nothing goes the old way 5 seconds after it. */
const CHANGE_WITHIN_MS = 3_000;

export interface RunningPipelinesOptions {
  readonly log: LogReader;
  readonly state: DeliveryState;
  readonly lanes: LaneSet;
  readonly heads: readonly Head[];
  readonly committer: Committer;
  readonly tracer: Tracer;
  readonly outages: Outages;
  readonly clock: Clock;
  readonly report: Report;
  /** The lanes of a pipeline's replays that run. */
  readonly replaying: (pipeline: string) => readonly LaneKey[];
  /** A replay's lane has nothing left to do. */
  readonly onOver: (lane: Lane) => void;
}

/** Which pipelines there are, and the lanes of those that run: started, changed and stopped while everything goes on. */
export class RunningPipelines {
  readonly #options: RunningPipelinesOptions;
  /** All that the workspace has, by id: those that are switched off too. */
  #pipelines = new Map<string, Pipeline>();
  #changing: Promise<unknown> = Promise.resolve();
  /** Pipelines whose lanes are being stopped: no lane of theirs is opened meanwhile. */
  readonly #retiring = new Set<string>();
  #areHeadsRunning = false;
  #hasEnded = false;

  constructor(options: RunningPipelinesOptions) {
    this.#options = options;
  }

  /** All that the workspace has, those that are switched off too. */
  get all(): readonly Pipeline[] {
    return [...this.#pipelines.values()];
  }

  /** Runs what is enabled; what never ran begins at `starts`. What cannot be used is reported: all others run. */
  start(pipelines: readonly Pipeline[], starts: readonly LaneStart[]): void {
    const failures = this.#run(pipelines, pipelines, () => starts);
    this.#areHeadsRunning = true;
    if (failures.length > 0) this.#options.report('error', UNUSABLE, { reason: failures.join('; ') });
  }

  /**
   * Runs these from now on, and no others; those that did not change are left alone. Rejects when some cannot be used, after
   * all others run.
   */
  apply(pipelines: readonly Pipeline[]): Promise<void> {
    return this.inTurn(async () => {
      const { lanes, log, heads } = this.#options;
      if (this.#hasEnded) return;
      const wanted = new Map(pipelines.map((pipeline) => [pipeline.id, pipeline]));
      const old = lanes.pipelines.filter(
        (pipeline) => JSON.stringify(wanted.get(pipeline.id)) !== JSON.stringify(pipeline),
      );
      await Promise.all(old.map(({ id }) => this.#retire(id)));
      if (this.#hasEnded) return;
      const running = new Set(lanes.pipelines.map(({ id }) => id));
      const fresh = pipelines.filter(({ id }) => !running.has(id));
      let ends: readonly LaneStart[] | undefined;
      const endsOf = () => heads.map((_, partition) => log.placeAt(partition, Number.POSITIVE_INFINITY));
      const failures = this.#run(pipelines, fresh, () => {
        ends ??= endsOf();
        return ends;
      });
      if (failures.length > 0) throw new Error(`These pipelines cannot be used: ${failures.join('; ')}.`);
    });
  }

  /** One change after the other, also after one that failed: while a lane stops, it must not be opened again. */
  inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#changing.then(change);
    this.#changing = changed.catch(() => {});
    return changed;
  }

  /** Runs a lane from where it was committed, unless its pipeline does not run. */
  open(key: LaneKey): void {
    const { committer, state, lanes, heads, onOver } = this.#options;
    // On a full disk a place is not durable yet.
    const committed = committer.placed(key) ?? state.lane(key);
    if (committed === undefined || !this.#isOpen(key.pipeline) || lanes.lane(key) !== undefined) return;
    const lane = lanes.add(key, committed);
    heads[key.partition]?.add(lane, this.#areHeadsRunning);
    // Nothing of it will ever change: an empty range, or a crash before it was noted as done.
    const isOver = lane.isDone;
    lane.start();
    if (isOver) onOver(lane);
  }

  /** Stops a lane, for a while waiting for what is under way, and commits what it came to. */
  async close(key: LaneKey): Promise<void> {
    const { lanes, heads, committer, clock } = this.#options;
    const lane = lanes.lane(key);
    if (lane === undefined) return;
    heads[key.partition]?.remove(lane);
    await within(clock, CHANGE_WITHIN_MS, [lane.stop()]);
    lane.close();
    committer.all();
    lanes.remove(lane);
  }

  /** Opens nothing more. */
  end(): void {
    this.#hasEnded = true;
    for (const lane of this.#options.lanes.all()) lane.abandon();
  }

  /** Answers what cannot be used, and why. */
  #run(
    all: readonly Pipeline[],
    fresh: readonly Pipeline[],
    starts: () => readonly LaneStart[],
  ): readonly string[] {
    const { committer, heads, tracer, outages } = this.#options;
    this.#pipelines = new Map(all.map((pipeline) => [pipeline.id, pipeline]));
    for (const pipeline of fresh) this.#place(pipeline, starts);
    // What repeats is decided for all of them, so that a pipeline that is switched on later agrees with the others.
    const sources = new Set(all.map(({ source }) => source));
    for (const head of heads) head.want(sources);
    outages.keepOnly(new Set(all.filter(({ enabled }) => enabled).map(({ id }) => id)));
    committer.all();
    if (this.#hasEnded) return [];
    const enabled = fresh.filter((pipeline) => pipeline.enabled);
    tracer.note(enabled, [...heads.keys()]);
    // One that cannot be used is no reason for the others to stand still.
    const failures: string[] = [];
    for (const pipeline of enabled) {
      try {
        this.#openPipeline(pipeline);
      } catch (error) {
        failures.push(`${pipeline.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return failures;
  }

  /** Gives a pipeline that never ran its places; where partitions end is asked only for such a one. */
  #place({ id, source }: Pipeline, starts: () => readonly LaneStart[]): void {
    const { committer, state, heads } = this.#options;
    for (const partition of heads.keys()) {
      const lane: LaneKey = { pipeline: id, partition, replay: '' };
      if ((committer.placed(lane) ?? state.lane(lane)) !== undefined) continue;
      const start = starts()[partition];
      if (start === undefined) continue;
      committer.place([{ lane, progress: placeAtHead(source, start), saved: [], removed: [] }]);
    }
  }

  #openPipeline(pipeline: Pipeline): void {
    const { lanes, heads, replaying } = this.#options;
    lanes.open(pipeline);
    for (const partition of heads.keys()) this.open({ pipeline: pipeline.id, partition, replay: '' });
    for (const key of replaying(pipeline.id)) this.open(key);
  }

  #isOpen(pipeline: string): boolean {
    return !this.#retiring.has(pipeline) && this.#options.lanes.isOpen(pipeline);
  }

  async #retire(pipeline: string): Promise<void> {
    const { lanes } = this.#options;
    this.#retiring.add(pipeline);
    const keys = [...lanes.all()].map(({ key }) => key).filter((key) => key.pipeline === pipeline);
    await Promise.all(keys.map((key) => this.close(key)));
    await lanes.close(pipeline);
    this.#retiring.delete(pipeline);
  }
}

const UNUSABLE = 'Some pipelines stand still: they cannot be used as they are. All others run.';
