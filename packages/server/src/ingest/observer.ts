import type { Event } from '@metarouter/events';
import type { Rejected } from '../activity/rejected-samples.ts';
import type { NewRecord } from '../log/event-log.ts';
import type { ProblemCode } from '../platform/problem.ts';

/** What the door tells about its work, for the metrics. */
export interface DoorObserver {
  /** So many events of a source, all of one type, were stored. */
  accepted(source: string, type: Event['type'], count: number): void;
  /** So many events were refused; the source is undefined when the write key told none. */
  rejected(source: string | undefined, reason: ProblemCode, count: number): void;
  /** How long a request took whose events were stored, from its headers to its answer. */
  acceptSeconds(seconds: number): void;
}

/** Where the door shows events to people who watch. */
export interface LiveSink {
  /** What of these is to be shown once they are stored; undefined when nobody watches. */
  gather(records: readonly NewRecord[]): { show(): void } | undefined;
}

/** Where the door leaves samples of what it refused, for the live debugger. */
export interface RejectionSink {
  add(rejected: Rejected): void;
}
