import { setImmediate as nextTurn } from 'node:timers/promises';
import { DESTINATIONS } from '@metarouter/destinations';
import type { FaultyStorage } from '../../log/segments/faulty-storage.ts';
import { type LogInMemory, openInMemory } from '../../log/segments/open-in-memory.ts';
import type { Random } from '../../platform/clock.ts';
import { VirtualClock } from '../../platform/virtual-clock.ts';
import type { Pipeline } from '../../store/workspace.ts';
import type { LaneStart, Report } from '../messages.ts';
import { Planning } from '../planning.ts';
import { type Router, startRouter } from '../router.ts';
import type { Commit } from '../state/delivery-state.ts';
import { FaultyState, type StateFaults } from './faulty-state.ts';
import type { SenderLife, SimulatedReceivers } from './simulated-receivers.ts';

export interface LifeOptions {
  readonly number: number;
  /** On the simulation's clock, which runs through all lives. */
  readonly startedAt: number;
  /** The time of day, in milliseconds since 1970. */
  readonly now: number;
  readonly storage: FaultyStorage;
  readonly repeatsStorage: FaultyStorage;
  readonly stateFile: string;
  readonly segmentBytes: number;
  readonly logBytes: number;
  readonly dedupWindowMs: number;
  readonly pipelines: readonly Pipeline[];
  readonly random: Random;
  readonly newId: () => string;
  readonly receivers: SimulatedReceivers;
  readonly kill: StateFaults['kill'];
  readonly isFull: boolean;
  readonly onCommit: (commit: Commit) => void;
  readonly report: Report;
  /** What stopped the router, which was not asked to. */
  readonly onFailure: (error: unknown) => void;
}

/** One life of the process: the shipped log and router from a start to a stop or a kill. */
export class Life implements SenderLife {
  readonly number: number;
  readonly startedAt: number;
  readonly clock: VirtualClock;
  readonly log: LogInMemory;
  readonly faults: StateFaults;
  readonly #options: LifeOptions;
  #router: Router | undefined;
  #state: FaultyState | undefined;

  /** Opens the log. */
  constructor(options: LifeOptions) {
    const { number, startedAt, now, storage, segmentBytes, logBytes, kill, isFull, onCommit } = options;
    this.#options = options;
    this.number = number;
    this.startedAt = startedAt;
    this.clock = new VirtualClock(now);
    const retention = { ageMs: Number.POSITIVE_INFINITY, bytes: logBytes };
    this.log = openInMemory({ storage, clock: this.clock, segmentBytes, retention });
    this.faults = { isFull, kill, isDead: false, onKill: () => this.kill(), onCommit };
  }

  get isAlive(): boolean {
    return !this.faults.isDead;
  }

  get isDiskFull(): boolean {
    return this.faults.isFull;
  }

  /** Milliseconds since the simulation began. */
  get now(): number {
    return this.startedAt + this.clock.monotonic();
  }

  get router(): Router {
    return this.#router ?? fail('the router does not run');
  }

  get state(): FaultyState {
    return this.#state ?? fail('the state is not open');
  }

  /** Starts the router; where this life is killed meanwhile, it does not run. */
  start(): void {
    const {
      pipelines,
      stateFile,
      repeatsStorage,
      dedupWindowMs,
      random,
      newId,
      receivers,
      report,
      onFailure,
    } = this.#options;
    const { log } = this.log;
    const start: LaneStart =
      this.number === 0
        ? { position: 0, sequences: new Map() }
        : { position: log.head(), sequences: log.sequences() };
    try {
      this.#router = startRouter({
        log,
        pipelines,
        destinations: DESTINATIONS,
        stateFile,
        openState: (file) => {
          this.#state = new FaultyState(file, this.faults);
          return this.#state;
        },
        repeatsStorage: () => repeatsStorage,
        dedupWindowMs,
        starts: [start],
        clock: this.clock,
        random,
        // Now and then the thread has no time to spare.
        threadLoad: random,
        planning: new Planning(),
        suspects: new Map(),
        newId,
        sender: receivers.sender(this),
        report,
        onFailure: (error) => {
          if (this.isAlive) onFailure(error);
        },
        onBug: (error) => {
          if (this.isAlive) onFailure(error);
        },
      });
    } catch (error) {
      if (this.isAlive) throw error;
    }
  }

  /** The process is killed at this moment: nothing of it is done any more. */
  kill(): void {
    this.faults.isDead = true;
    this.clock.stop();
  }

  /** What a kill leaves behind. */
  async bury(): Promise<void> {
    const { storage, repeatsStorage } = this.#options;
    // What was set off before the kill finds nothing to do any more.
    await nextTurn();
    await nextTurn();
    this.#state?.close();
    storage.crash();
    repeatsStorage.crash();
  }
}

function fail(message: string): never {
  throw new Error(message);
}
