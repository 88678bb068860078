import type { Destination } from '@metarouter/destinations';
import type { Sender } from '../delivery/sender.ts';
import type { LogReader } from '../log/event-log.ts';
import type { LogStorage } from '../log/segments/log-storage.ts';
import type { Clock, Random } from '../platform/clock.ts';
import type { ThreadLoad } from '../platform/thread-load.ts';
import type { Pipeline } from '../store/workspace.ts';
import type { LaneStart, Report } from './messages.ts';
import type { Planning } from './planning.ts';
import type { DeliveryState } from './state/delivery-state.ts';
import type { Suspicions } from './suspects.ts';

/** What the router works with. */
export interface RouterOptions {
  readonly log: LogReader;
  /** Those that are disabled wait at their position. */
  readonly pipelines: readonly Pipeline[];
  /** By code. */
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly stateFile: string;
  /** Opens that file; given by proofs that let commits fail. */
  readonly openState?: (file: string) => DeliveryState;
  /** Where it is kept which message ids a partition had lately: a place for nothing else. */
  readonly repeatsStorage: (partition: number) => LogStorage;
  /** How long a message id is remembered, in milliseconds. */
  readonly dedupWindowMs: number;
  /** Where pipelines begin that never ran: the head of each partition. */
  readonly starts: readonly LaneStart[];
  readonly clock: Clock;
  readonly random: Random;
  /** That of the thread that the lanes run on. */
  readonly threadLoad: ThreadLoad;
  readonly newId: () => string;
  /** Notes which event is being looked at, for the case that the thread dies of it. */
  readonly planning: Planning;
  /** The events that it has died of. */
  readonly suspects: Suspicions;
  readonly sender: Sender;
  readonly report: Report;
  /** Called once when the log or the state's disk fails: the router has then stopped, and nothing is lost. */
  readonly onFailure: (error: unknown) => void;
  /**
   * Called once when an attempt cannot be concluded, by an error of ours: the router has then ended where it was last
   * committed, and another one is to go on from there.
   */
  readonly onBug: (error: unknown) => void;
}
