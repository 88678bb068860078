import type { Clock } from '../platform/clock.ts';
import type { Verdicts } from './head/verdicts.ts';
import type { Lane } from './lane/lane.ts';
import type { Report } from './messages.ts';
import type { Outages } from './outages.ts';
import { isDiskFull } from './state/database.ts';
import type { DeliveryState } from './state/delivery-state.ts';
import type { LaneCommit, LaneKey, LaneProgress } from './state/rows.ts';

/** Settled events are committed together: after this time, or as soon as there are so many. */
const COMMIT_EVERY_MS = 100;
const COMMIT_AT_EVENTS = 1_000;
/** A lane whose source is silent still moves on over the others' events, so that a restart need not read them. */
const POSITION_EVERY_MS = 5_000;
/** When the disk is full, the next try to commit comes after this time. */
const COMMIT_AGAIN_MS = 1_000;
/** A disk that stays full is spoken of at most this often. */
const DISK_FULL_REPORT_EVERY_MS = 60_000;

export interface CommitterOptions {
  readonly state: DeliveryState;
  readonly stateFile: string;
  readonly verdicts: readonly Verdicts[];
  readonly outages: Outages;
  readonly clock: Clock;
  readonly report: Report;
  /** All lanes that run. */
  readonly lanes: () => Iterable<Lane>;
  /** Called before positions are committed that only moved past others' events. */
  readonly beforePositions: () => void;
  /** These lanes may have room again. */
  readonly onCommitted: (lanes: readonly Lane[]) => void;
  /** Called when the state's disk fails in any other way than being full. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Makes durable what lanes and heads came to: together, in one transaction, a few times a second. What is not committed
 * is done again after a crash.
 */
export class Committer {
  readonly #options: CommitterOptions;
  /** The lanes that changed since the last commit. */
  readonly #changed = new Set<Lane>();
  /** Steps of lanes that do not run yet. */
  #places: readonly LaneCommit[] = [];
  #forgotten: readonly LaneKey[] = [];
  #events = 0;
  #cancelCommit: (() => void) | undefined;
  #cancelPositions: (() => void) | undefined;
  #diskFullQuietUntil = 0;
  #hasEnded = false;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** A lane has something to commit: soon. */
  changed(lane: Lane): void {
    if (this.#hasEnded) return;
    this.#changed.add(lane);
    this.#events += 1;
    if (this.#events >= COMMIT_AT_EVENTS) return this.#commitChanged();
    this.#cancelCommit ??= this.#options.clock.after(COMMIT_EVERY_MS, () => this.#commitChanged());
  }

  /** Positions moved, or outages began or ended: that can wait. */
  moved(): void {
    if (this.#hasEnded) return;
    this.#cancelPositions ??= this.#options.clock.after(POSITION_EVERY_MS, () => {
      this.#cancelPositions = undefined;
      this.all();
    });
  }

  /** Commits places of lanes with the next commit, and forgets others. */
  place(places: readonly LaneCommit[], forgotten: readonly LaneKey[] = []): void {
    this.#places = [...this.#places, ...places];
    this.#forgotten = [...this.#forgotten, ...forgotten];
  }

  /** The place of a lane that does not run yet and is not committed. */
  placed({ pipeline, replay, partition }: LaneKey): LaneProgress | undefined {
    return this.#places.findLast(
      ({ lane }) => lane.pipeline === pipeline && lane.replay === replay && lane.partition === partition,
    )?.progress;
  }

  /** Commits everything there is now. False: there was no room, and it is tried again. */
  all(): boolean {
    if (this.#hasEnded) return false;
    this.#options.beforePositions();
    return this.#commit(this.#options.lanes(), true);
  }

  /** Commits nothing more. */
  end(): void {
    this.#hasEnded = true;
    this.#cancelCommit?.();
    this.#cancelPositions?.();
  }

  #commitChanged(): void {
    this.#commit(this.#changed, false);
  }

  #commit(lanes: Iterable<Lane>, evenPositionOnly: boolean): boolean {
    const { state, verdicts, outages, onCommitted, onFailure } = this.#options;
    this.#cancelCommit?.();
    this.#cancelCommit = undefined;
    this.#events = 0;
    const moved: Lane[] = [];
    const commits = [...this.#places];
    for (const lane of lanes) {
      const step = lane.step(evenPositionOnly);
      if (step === undefined) continue;
      moved.push(lane);
      commits.push(step);
    }
    // Along with lanes always: no lane may stand at a place for which repeats are not decided.
    const isNeeded = evenPositionOnly || commits.length > 0;
    const judged = verdicts.flatMap((verdict) => {
      const step = verdict.step(isNeeded);
      return step === undefined ? [] : [{ verdict, step }];
    });
    this.#changed.clear();
    const outageStep = outages.step();
    const isNothing = commits.length + judged.length + this.#forgotten.length === 0;
    if (isNothing && outageStep === undefined) return true;
    const heads = judged.map(({ step }) => step);
    try {
      state.commit({ lanes: commits, heads, forgotten: this.#forgotten, outages: outageStep });
    } catch (error) {
      if (!isDiskFull(error)) onFailure(error);
      else this.#commitLater();
      return false;
    }
    this.#places = [];
    this.#forgotten = [];
    for (const { verdict } of judged) verdict.committed();
    for (const lane of moved) lane.committed();
    outages.committed();
    onCommitted(moved);
    return true;
  }

  /** The disk is full: lanes go on while their windows have room, and everything settled is committed once it fits. */
  #commitLater(): void {
    const { clock, report, stateFile } = this.#options;
    this.#cancelCommit = clock.after(COMMIT_AGAIN_MS, () => void this.all());
    if (clock.monotonic() < this.#diskFullQuietUntil) return;
    this.#diskFullQuietUntil = clock.monotonic() + DISK_FULL_REPORT_EVERY_MS;
    report('warn', DISK_FULL, { file: stateFile });
  }
}

const DISK_FULL =
  'The disk is full, so it cannot be noted what has been delivered. Delivery goes on for a while and then waits; ' +
  'after a crash or a stop in this state some events are sent a second time. Nothing is lost. Make room on the disk.';
