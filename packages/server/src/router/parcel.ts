import type { Event } from '@metarouter/events';
import type { Position } from '../log/event-log.ts';

/** An accepted event as lanes get it: read from the log and parsed once, shared by all of them. */
export interface Parcel {
  readonly position: Position;
  readonly sequence: number;
  readonly orderKey: string;
  readonly messageId: string;
  /** In milliseconds since 1970. */
  readonly receivedAt: number;
  /** Undefined when the stored bytes are no event: then no destination can get it. */
  readonly event: Event | undefined;
  /** The event's JSON, a copy that may be kept. */
  readonly bytes: Uint8Array;
}
