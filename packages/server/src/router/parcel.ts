import { type Event, parseEvent } from '@metarouter/events';
import type { LogRecord, Position } from '../log/event-log.ts';

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
  /** The event as JSON, each key once and without the write key; what is no event is there as it was stored. */
  readonly bytes: Uint8Array;
}

/** Reads a record of the log. What it returns may be kept, the record's own bytes may not. */
export function parcelOf({ bytes, position, sequence, orderKey, messageId, receivedAt }: LogRecord): Parcel {
  const event = parseEvent(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  // Written when the first pipeline asks for it, and then shared: filtered events never need it.
  let json = event === undefined ? Buffer.from(bytes) : undefined;
  return {
    position,
    sequence,
    orderKey,
    messageId,
    receivedAt,
    event,
    get bytes() {
      json ??= Buffer.from(JSON.stringify(event));
      return json;
    },
  };
}
