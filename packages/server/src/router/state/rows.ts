import type { Position } from '../../log/event-log.ts';
import type { Cell, Slot } from './cells.ts';

/** Which lane: a pipeline has one in every partition, and one more for each replay. */
export interface LaneKey {
  readonly pipeline: string;
  readonly partition: number;
  /** The replay's id; empty for the live lane. */
  readonly replay: string;
}

/** How far a lane has got, and what came of the events before its position. */
export interface LaneProgress {
  /** The first position that is neither settled nor held. */
  readonly position: Position;
  /**
   * The source's last sequence before the lane began: accepted is counted from it. Below zero where the log lost
   * events that are counted here, and gives out their sequences again.
   */
  readonly startSequence: number;
  /**
   * The source's last sequence before `position`:
   * sequence − startSequence = delivered + filtered + dead + held + repeats, always.
   */
  readonly sequence: number;
  readonly delivered: number;
  /** By the rule that left them out. */
  readonly filtered: ReadonlyMap<string, number>;
  readonly dead: number;
  /** Events before the position that are not settled: each has an exception row, parked or queued. */
  readonly held: number;
  /** Events that repeat an earlier one, and so are none. */
  readonly repeats: number;
  /** Where a replay ends. */
  readonly end?: LaneEnd | undefined;
}

/** The first position that is not replayed any more, and the source's last sequence before it. */
interface LaneEnd {
  readonly position: Position;
  readonly sequence: number;
}

/**
 * What an exception row stands for: an event that waits to be tried again (or for an earlier one of its user), a dead
 * letter, events that the log lost, or a dead letter that is to be delivered once more.
 */
export type ExceptionState = 'parked' | 'dead' | 'lost' | 'queued';

/** An event that did not just go well. Where everything goes well there are none. */
export interface ExceptionRow {
  readonly id: number;
  readonly state: ExceptionState;
  readonly position: Position;
  /** Of the event, or of the last one of a run of lost ones. */
  readonly sequence: number;
  /** Where it is counted: by when it was received, or by when it was found to be lost. 0 in rows of an older version. */
  readonly slot: Slot;
  /** How many events: more than one only where records were lost. */
  readonly count: number;
  /** Unknown of what was lost. */
  readonly messageId?: string | undefined;
  readonly orderKey?: string | undefined;
  /** Why the last attempt failed; empty for an event that only waits behind another one. */
  readonly reason: string;
  readonly status?: number | undefined;
  /** The beginning of the last answer, secrets masked. */
  readonly answer?: string | undefined;
  readonly attempts: number;
  /** When this was noted, in milliseconds since 1970. */
  readonly at: number;
  /** How long the event has been tried, not counting when its destination was not. */
  readonly elapsedMs: number;
  /** When it is due again, from `at` on. */
  readonly waitMs: number;
  /** Those requests of its delivery that were answered for good. */
  readonly answered: readonly string[];
  /** A dead letter's own copy of the event, which outlives the log. */
  readonly event?: Uint8Array | undefined;
}

/** One lane's step forward. */
export interface LaneCommit {
  readonly lane: LaneKey;
  readonly progress: LaneProgress;
  /** New rows, and known ones as they are now. */
  readonly saved: readonly ExceptionRow[];
  /** Rows of events that are delivered or filtered after all. */
  readonly removed: readonly number[];
  /** What the step adds to the counts by hour of its source; a replay's is in none, having been counted before. */
  readonly cells?: readonly Cell[];
  readonly source?: string;
}

/** A lane and its last commit. */
export interface KnownLane {
  readonly lane: LaneKey;
  readonly progress: LaneProgress;
}

export function laneText({ pipeline, partition, replay }: LaneKey): string {
  return JSON.stringify([pipeline, partition, replay]);
}
