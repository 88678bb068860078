import type { DeadLetterView, EventTrace, ReplayStatus } from '../activity/delivery-views.ts';
import type { HourCount, RecentPage } from '../activity/event-views.ts';
import type { LiveEvent } from '../activity/live-feed.ts';
import type { RejectedSample } from '../activity/rejected-samples.ts';
import type { FindingView, PreviewView } from '../activity/trial-views.ts';
import type { LedgerRow } from '../platform/metrics.ts';

export type { LedgerRow };

/** Which dead letters of a pipeline. */
export interface DeadLetterChoice {
  readonly pipeline: string;
  readonly ids?: number[];
  readonly reason?: string;
}

/** What the control API asks of the lanes, and has them do. */
export interface Lanes {
  /** Every record of a source with this message id; more than one when it was repeated. */
  trace(event: { source: string; messageId: string }): Promise<readonly EventTrace[]>;
  /** Newest first, of those with ids below `before`. */
  deadLetters(page: {
    choice: DeadLetterChoice;
    first: number;
    before?: number;
  }): Promise<readonly DeadLetterView[]>;
  /** How many dead letters a pipeline has of each reason. */
  reasons(pipeline: string): Promise<readonly { readonly reason: string; readonly count: number }[]>;
  /** Resolves with how many are delivered once more. */
  redeliver(choice: DeadLetterChoice): Promise<number>;
  /** Events received from `from` on and before `until`, in ms since 1970. Undefined when the pipeline does not run. */
  replay(wish: { pipeline: string; from: number; until: number }): Promise<ReplayStatus | undefined>;
  replays(which: { pipeline?: string }): Promise<readonly ReplayStatus[]>;
  /** False when the replay is not in a state for that. */
  changeReplay(wish: { id: string; to: 'pause' | 'resume' | 'cancel' }): Promise<boolean>;
  /** The rows of all pipelines, at one moment. */
  ledger(): Promise<readonly LedgerRow[]>;
  /** What a pipeline would do with an event, given as JSON. Undefined when there is no such pipeline. */
  preview(wish: { pipeline: string; event: string }): Promise<PreviewView | undefined>;
  /** Asks a connection's receivers whether its credentials are right, without sending an event. */
  testConnection(wish: {
    destination: string;
    details: Readonly<Record<string, unknown>>;
  }): Promise<FindingView>;
  /** A source's accepted events, newest first, those in front of a position. */
  recent(page: { source: string; first: number; before?: number; search: string }): Promise<RecentPage>;
  /** What came of a source's events, `step` hours added up. Times in ms since 1970. */
  counts(range: { source: string; from: number; until: number; step: number }): Promise<readonly HourCount[]>;
}

/** What the control API shows of what comes in. */
export interface Activity {
  /** Newest first. */
  rejected(source: string): readonly RejectedSample[];
  /** Events of a source from now on, until the iteration is ended. */
  live(source: string): AsyncIterableIterator<LiveEvent>;
}
