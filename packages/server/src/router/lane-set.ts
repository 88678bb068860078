import type { Destination } from '@metarouter/destinations';
import type { Channel, Sender } from '../delivery/sender.ts';
import type { LogReader, Position } from '../log/event-log.ts';
import type { Clock, Random } from '../platform/clock.ts';
import type { Histogram } from '../platform/histogram.ts';
import type { Pipeline } from '../store/workspace.ts';
import { Decider } from './decider.ts';
import { Lane, type Loss } from './lane/lane.ts';
import { type RateLimit, RateLimits } from './lane/rate-limit.ts';
import { RecentExchanges, RecentMemory } from './lane/recent-exchanges.ts';
import type { Room } from './lane/room.ts';
import type { Report } from './messages.ts';
import type { Outages } from './outages.ts';
import { type Parcel, parcelOf } from './parcel.ts';
import type { Planning } from './planning.ts';
import type { DeliveryState } from './state/delivery-state.ts';
import type { Exceptions } from './state/exceptions.ts';
import { type ExceptionRow, type LaneKey, type LaneProgress, laneText } from './state/rows.ts';
import type { Suspicions } from './suspects.ts';

/** Exchanges that lanes are to remember for people, about so many all together, and one lane at most and at least. */
const RECENT_ALL = 2_000;
const RECENT_MAX = 100;
const RECENT_MIN = 5;
/** The part of a destination's concurrency that a replay may use beside the live events. */
const REPLAY_CONCURRENCY_PART = 0.25;

export interface LaneSetOptions {
  readonly log: LogReader;
  readonly state: DeliveryState;
  readonly exceptions: Exceptions;
  /** By code. */
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly sender: Sender;
  readonly room: Room;
  readonly latency: Histogram;
  readonly outages: Outages;
  readonly planning: Planning;
  readonly suspects: Suspicions;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: Report;
  readonly onBug: (error: unknown) => void;
  readonly onChanged: (lane: Lane) => void;
}

/** What all lanes of a pipeline have in common. */
interface Way {
  readonly pipeline: Pipeline;
  readonly destination: Destination;
  readonly decider: Decider;
  readonly channel: Channel;
  readonly rate: RateLimit | undefined;
  readonly lanes: Map<string, Lane>;
}

/** The lanes that run, by pipeline. */
export class LaneSet {
  readonly #options: LaneSetOptions;
  readonly #rates: RateLimits;
  readonly #ways = new Map<string, Way>();
  readonly #recent = new RecentMemory();
  readonly #closing = new Map<Lane, () => void>();

  constructor(options: LaneSetOptions) {
    this.#options = options;
    this.#rates = new RateLimits(options.clock);
  }

  /** All lanes that run. */
  *all(): Generator<Lane> {
    for (const { lanes } of this.#ways.values()) yield* lanes.values();
  }

  /** The pipelines that run. */
  get pipelines(): readonly Pipeline[] {
    return Array.from(this.#ways.values(), ({ pipeline }) => pipeline);
  }

  /** Whether a pipeline runs. */
  isOpen(pipeline: string): boolean {
    return this.#ways.has(pipeline);
  }

  lane(key: LaneKey): Lane | undefined {
    return this.#ways.get(key.pipeline)?.lanes.get(laneText(key));
  }

  /** Opens a pipeline, without lanes yet. Throws when its destination is not known or does not take its settings. */
  open(pipeline: Pipeline): void {
    const destination = this.#options.destinations.get(pipeline.destination);
    if (destination === undefined) throw new Error(`no destination ${pipeline.destination}`);
    const [fault] = destination.check(pipeline.connection, pipeline.config);
    if (fault !== undefined) throw new Error(`${fault.path} ${fault.message}`);
    const { planning, suspects, sender } = this.#options;
    const decider = new Decider({ pipeline, destination, planning, suspects });
    const { code, limits, outcomes } = destination;
    this.#ways.set(pipeline.id, {
      pipeline,
      destination,
      decider,
      channel: sender.open(limits.concurrency, outcomes),
      rate: this.#rates.of(code, pipeline.connection, limits.requestsPerSecond),
      lanes: new Map(),
    });
  }

  /** Adds a lane of an open pipeline that goes on from `committed`; nothing moves before it is started. */
  add(key: LaneKey, committed: LaneProgress): Lane {
    const way = this.#ways.get(key.pipeline);
    if (way === undefined) throw new Error(`pipeline ${key.pipeline} is not open`);
    const { state, exceptions, room, clock, random, latency, outages, report, onBug, onChanged } =
      this.#options;
    const share = room.share();
    const { concurrency } = way.destination.limits;
    const recentMax = Math.min(RECENT_MAX, Math.max(RECENT_MIN, Math.floor(RECENT_ALL / (this.size + 1))));
    const replayConcurrency = Math.max(1, Math.floor(concurrency * REPLAY_CONCURRENCY_PART));
    const lane = new Lane({
      ...way,
      key,
      committed,
      parked: state.parked(key),
      concurrency: key.replay === '' ? concurrency : replayConcurrency,
      share,
      recent: new RecentExchanges(clock, recentMax, this.#recent),
      clock,
      random,
      latency,
      outage: key.replay === '' ? outages.watch(key.pipeline) : undefined,
      report,
      nextId: () => state.nextId(),
      readAgain: (position) => this.#readAgain(key.partition, position),
      readLetter: (id) => letterOf(exceptions.letter(id)),
      queued: (except, first) => exceptions.queued(key, except, first),
      onBug,
      onChanged,
    });
    way.lanes.set(laneText(key), lane);
    this.#closing.set(lane, () => share.close());
    return lane;
  }

  get size(): number {
    return this.#closing.size;
  }

  /** Takes a lane out, which was stopped before; what is still under way counts no more. */
  remove(lane: Lane): void {
    lane.abandon();
    lane.recent.clear();
    this.#ways.get(lane.key.pipeline)?.lanes.delete(laneText(lane.key));
    this.#closing.get(lane)?.();
    this.#closing.delete(lane);
  }

  /** Breaks off what is still under way of a pipeline without lanes. */
  async close(pipeline: string): Promise<void> {
    const way = this.#ways.get(pipeline);
    this.#ways.delete(pipeline);
    await way?.channel.close();
  }

  #readAgain(partition: number, position: Position): Parcel | Loss {
    const { log } = this.#options;
    const record = log.at(partition, position);
    if (record !== undefined) return parcelOf(record);
    return position < log.first(partition) ? 'expired' : 'damaged';
  }
}

function letterOf(row: ExceptionRow | undefined): Parcel | Loss {
  if (row?.event === undefined) return 'damaged';
  const { event, position, sequence, orderKey = '', messageId = '', at } = row;
  return parcelOf({ bytes: event, position, sequence, orderKey, messageId, receivedAt: at });
}
