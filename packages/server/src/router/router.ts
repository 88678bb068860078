import type { Destination } from '@metarouter/destinations';
import type { Channel, Sender } from '../delivery/sender.ts';
import type { LogReader } from '../log/event-log.ts';
import type { Clock, Random } from '../platform/clock.ts';
import { DELIVERY_BOUNDS, Histogram } from '../platform/histogram.ts';
import type { Pipeline } from '../store/workspace.ts';
import {
  DeliveryState,
  isDiskFull,
  type LaneCommit,
  type LaneKey,
  type LaneProgress,
} from './delivery-state.ts';
import { Head } from './head.ts';
import { Lane } from './lane.ts';
import { placeAtHead, setBackToHeads } from './lane-places.ts';
import type { LaneStart, Report, RouterSnapshot } from './messages.ts';
import { type RateLimit, RateLimits } from './rate-limit.ts';
import { Room } from './room.ts';

/** Settled events are committed together: after this time, or as soon as there are so many. */
const COMMIT_EVERY_MS = 100;
const COMMIT_AT_EVENTS = 1_000;
/** A lane whose source is silent still moves on over the others' events, so that a restart need not read them. */
const POSITION_EVERY_MS = 5_000;
/** When the disk is full, the next try to commit comes after this time. */
const COMMIT_AGAIN_MS = 1_000;
/** A disk that stays full is spoken of at most this often. */
const DISK_FULL_REPORT_EVERY_MS = 60_000;
/** A stop waits this long for answers; what is then still under way is sent again after the next start. */
const STOP_WITHIN_MS = 5_000;

export interface RouterOptions {
  readonly log: LogReader;
  /** Those that are disabled wait at their position. */
  readonly pipelines: readonly Pipeline[];
  /** By code. */
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly stateFile: string;
  /** Where pipelines begin that never ran: the head of each partition. */
  readonly starts: readonly LaneStart[];
  readonly clock: Clock;
  readonly random: Random;
  readonly sender: Sender;
  readonly report: Report;
  /** Called once when the log or the state's disk fails: the router has then stopped, and nothing is lost. */
  readonly onFailure: (error: unknown) => void;
}

/** The lanes of all pipelines. */
export interface Router {
  /** Every lane's row of the ledger, at this moment. */
  snapshot(): RouterSnapshot;
  /** Waits for what is under way, for a while; commits; frees everything. */
  stop(): Promise<void>;
}

/** Starts every enabled pipeline at its committed position. Throws when the state or a pipeline cannot be used. */
export function startRouter(options: RouterOptions): Router {
  const router = new RunningRouter(options);
  router.start();
  return router;
}

class RunningRouter implements Router {
  readonly #options: RouterOptions;
  readonly #state: DeliveryState;
  readonly #rates: RateLimits;
  readonly #room: Room;
  readonly #latency = new Histogram(DELIVERY_BOUNDS);
  readonly #channels: readonly Channel[];
  readonly #lanes: readonly Lane[];
  readonly #heads: readonly Head[];
  /** The lanes that settled something since the last commit. */
  readonly #changed = new Set<Lane>();
  /** Places that lanes were given at this start and that are not durable yet. */
  #places: LaneCommit[] = [];
  #forgotten: readonly LaneKey[] = [];
  #diskFullQuietUntil = 0;
  #settled = 0;
  #cancelCommit: (() => void) | undefined;
  #cancelPositions: (() => void) | undefined;
  #reading: Promise<unknown> = Promise.resolve();
  #ended = false;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#rates = new RateLimits(options.clock);
    const partitions = Array.from({ length: options.log.partitions }, (_, partition) => partition);
    const ways = options.pipelines.filter(({ enabled }) => enabled).map((pipeline) => this.#way(pipeline));
    this.#room = new Room(ways.length * partitions.length, () => this.#noteRoom());
    this.#channels = ways.map(({ channel }) => channel);
    this.#state = new DeliveryState(options.stateFile);
    const { pipelines, starts, report } = options;
    const { moved, forgotten } = setBackToHeads(this.#state.lanes(), pipelines, starts, report);
    this.#places = moved.map((known) => ({ ...known, deadLetters: [] }));
    this.#forgotten = forgotten;
    this.#lanes = ways.flatMap((way) => partitions.map((partition) => this.#lane(way, partition)));
    this.#heads = partitions.map((partition) => {
      const lanes = this.#lanes.filter(({ key }) => key.partition === partition);
      const { log, clock } = options;
      return new Head({ log, partition, lanes, clock, onMoved: () => this.#noteMoved() });
    });
  }

  start(): void {
    // At once, so that a crash before the first event changes nothing about where a lane begins.
    this.#commit(this.#lanes, true);
    if (this.#ended) return;
    this.#reading = Promise.all(this.#heads.map((head) => head.run())).catch((error: unknown) =>
      this.#fail(error),
    );
  }

  snapshot(): RouterSnapshot {
    return { lanes: this.#lanes.map((lane) => lane.snapshot()), latency: this.#latency.snapshot() };
  }

  async stop(): Promise<void> {
    for (const head of this.#heads) head.stop();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(STOP_WITHIN_MS, resolve);
    await Promise.race([late, Promise.all([this.#reading, ...this.#lanes.map((lane) => lane.stop())])]);
    cancel();
    if (!this.#ended) this.#commit(this.#lanes, true);
    this.#end();
    await Promise.all(this.#channels.map((channel) => channel.close()));
  }

  #way(pipeline: Pipeline): Way {
    const destination = this.#options.destinations.get(pipeline.destination);
    if (destination === undefined)
      throw new Error(`pipeline ${pipeline.name}: no destination ${pipeline.destination}`);
    const { code, limits, outcomes } = destination;
    return {
      pipeline,
      destination,
      channel: this.#options.sender.open(limits.concurrency, outcomes),
      rate: this.#rates.of(code, pipeline.connection, limits.requestsPerSecond),
    };
  }

  #lane(way: Way, partition: number): Lane {
    const { clock, random, report } = this.#options;
    return new Lane({
      ...way,
      partition,
      committed: this.#placeOf(way.pipeline, partition),
      share: this.#room.share(),
      clock,
      random,
      report,
      latency: this.#latency,
      onSettled: (lane) => this.#noteSettled(lane),
    });
  }

  /** Where the lane was, or the place that it gets at this start. */
  #placeOf({ id, source }: Pipeline, partition: number): LaneProgress {
    const lane = { pipeline: id, partition };
    const moved = this.#places.find(
      (place) => place.lane.pipeline === id && place.lane.partition === partition,
    );
    const known = moved?.progress ?? this.#state.lane(lane);
    if (known !== undefined) return known;
    const start = this.#options.starts[partition];
    if (start === undefined) throw new Error(`no start is known for partition ${partition}`);
    const progress = placeAtHead(source, start);
    this.#places.push({ lane, progress, deadLetters: [] });
    return progress;
  }

  #noteSettled(lane: Lane): void {
    if (this.#ended) return;
    this.#heads[lane.key.partition]?.roomMade(lane);
    this.#changed.add(lane);
    this.#settled += 1;
    if (this.#settled >= COMMIT_AT_EVENTS) return this.#commit(this.#changed, false);
    this.#cancelCommit ??= this.#options.clock.after(COMMIT_EVERY_MS, () =>
      this.#commit(this.#changed, false),
    );
  }

  /** Any lane may have room again. */
  #noteRoom(): void {
    for (const head of this.#heads) head.roomMade();
  }

  #noteMoved(): void {
    if (this.#ended) return;
    this.#cancelPositions ??= this.#options.clock.after(POSITION_EVERY_MS, () => {
      this.#cancelPositions = undefined;
      this.#commit(this.#lanes, true);
    });
  }

  #commit(lanes: Iterable<Lane>, evenPositionOnly: boolean): void {
    this.#cancelCommit?.();
    this.#cancelCommit = undefined;
    this.#settled = 0;
    const moved: Lane[] = [];
    const commits = [...this.#places];
    for (const lane of lanes) {
      const step = lane.step(evenPositionOnly);
      if (step === undefined) continue;
      moved.push(lane);
      commits.push(step);
    }
    this.#changed.clear();
    if (commits.length === 0 && this.#forgotten.length === 0) return;
    try {
      this.#state.commit(commits, this.#forgotten);
    } catch (error) {
      return isDiskFull(error) ? this.#commitLater() : this.#fail(error);
    }
    this.#places = [];
    this.#forgotten = [];
    for (const lane of moved) {
      lane.committed();
      this.#heads[lane.key.partition]?.roomMade(lane);
    }
  }

  /** The disk is full: lanes go on while their windows have room, and everything settled is committed once it fits. */
  #commitLater(): void {
    const { clock, report } = this.#options;
    this.#cancelCommit = clock.after(COMMIT_AGAIN_MS, () => this.#commit(this.#lanes, true));
    if (clock.monotonic() < this.#diskFullQuietUntil) return;
    this.#diskFullQuietUntil = clock.monotonic() + DISK_FULL_REPORT_EVERY_MS;
    report('warn', DISK_FULL, { file: this.#options.stateFile });
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#end();
    this.#options.onFailure(error);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelCommit?.();
    this.#cancelPositions?.();
    for (const head of this.#heads) head.stop();
    this.#state.close();
  }
}

const DISK_FULL =
  'The disk is full, so it cannot be noted what has been delivered. Delivery goes on for a while and then waits; ' +
  'after a crash or a stop in this state some events are sent a second time. Nothing is lost. Make room on the disk.';

/** A pipeline with what it needs to be delivered. */
interface Way {
  readonly pipeline: Pipeline;
  readonly destination: Destination;
  readonly channel: Channel;
  readonly rate: RateLimit | undefined;
}
