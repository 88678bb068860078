import { type Event, parseEvent } from '@metarouter/events';
import type { LogRecord, Position } from '../log/event-log.ts';
import { type Slot, slotOf } from './state/cells.ts';

/** An accepted event as lanes get it: read from the log and parsed once, shared by all of them. */
export interface Parcel {
  readonly position: Position;
  readonly sequence: number;
  readonly orderKey: string;
  readonly messageId: string;
  /** In milliseconds since 1970. */
  readonly receivedAt: number;
  /** Where it is counted. */
  readonly slot: Slot;
  /** Undefined when the stored bytes are no event: then no destination can get it. */
  readonly event: Event | undefined;
  /** The event as JSON, each key once and without the write key; what is no event is there as it was stored. */
  readonly bytes: Uint8Array;
  /** About how many bytes of memory it takes. */
  readonly weight: number;
}

/** What of a record makes a parcel. */
export type Content = Pick<
  LogRecord,
  'bytes' | 'position' | 'sequence' | 'orderKey' | 'messageId' | 'receivedAt'
>;

/** Reads a record of the log. What it returns may be kept, the record's own bytes may not. */
export function parcelOf({ bytes, position, sequence, orderKey, messageId, receivedAt }: Content): Parcel {
  const event = parseEvent(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  // Written when the first pipeline asks for it, and then shared: filtered events never need it.
  let json = event === undefined ? Buffer.from(bytes) : undefined;
  return {
    position,
    sequence,
    orderKey,
    messageId,
    receivedAt,
    slot: slotOf(receivedAt, event?.type),
    event,
    get bytes() {
      json ??= Buffer.from(JSON.stringify(event));
      return json;
    },
    weight: weightOf(bytes),
  };
}

/** A record that lanes are offered, valid as long as the record is: parsed when the first lane takes it, and only once. */
export class Offer {
  readonly record: LogRecord;
  /** Whether it repeats an earlier one, so that it is no event. */
  readonly isRepeat: boolean;
  #parcel: Parcel | undefined;

  constructor(record: LogRecord, isRepeat: boolean) {
    this.record = record;
    this.isRepeat = isRepeat;
  }

  parcel(): Parcel {
    this.#parcel ??= parcelOf(this.record);
    return this.#parcel;
  }
}

/** What a value takes beside its text, in bytes: measured at 32 for an empty object in a list, at 60 for one of 1,500 keys. */
const VALUE_BYTES = 48;
/** What each byte of an event's JSON stands for in memory. Each value is behind one of three characters. */
const MEMORY_OF = new Uint8Array(256).fill(1);
for (const start of [',', '[', '{']) MEMORY_OF[start.charCodeAt(0)] = 1 + VALUE_BYTES;

/**
 * About how many bytes of memory a parsed event takes: 15 KB of empty objects are 320 KB, 15 KB of one text are 15 KB.
 * Rather too much than too little: the three characters count within texts as well.
 */
function weightOf(bytes: Uint8Array): number {
  let weight = 0;
  // By index: this is a quarter of what `for … of` takes, on the way of every event.
  for (let at = 0; at < bytes.length; at += 1) weight += MEMORY_OF[bytes[at] ?? 0] ?? 0;
  return weight;
}
