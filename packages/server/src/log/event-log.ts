/** A place in one partition of the log. Opaque: only the log that issued it can order or interpret it. */
export type Position = number;

/** An accepted event on its way into the log. */
export interface NewRecord {
  /** The source's ID. Sequences are dense per source. */
  readonly source: string;
  /** Events with the same source and order key keep their order all the way to each destination. */
  readonly orderKey: string;
  readonly messageId: string;
  /** When the door received it, in milliseconds since 1970. */
  readonly receivedAt: number;
  /** The event's JSON, in pieces that the log puts one after the other. */
  readonly pieces: readonly (Uint8Array | string)[];
}

/** A record as the log gives it back. */
export interface LogRecord {
  readonly position: Position;
  /** The record's dense number within its source and partition, from 1. */
  readonly sequence: number;
  readonly source: string;
  readonly orderKey: string;
  readonly messageId: string;
  readonly receivedAt: number;
  /** Valid until the next turn of the reader: copy what must live longer. */
  readonly bytes: Uint8Array;
}

/** Why the log did not take a group: nothing of it was stored, and the same call may succeed later. */
export type Refusal = 'disk_full' | 'closing' | 'overloaded' | 'starting';

export type AppendResult = { readonly kind: 'stored' } | { readonly kind: 'refused'; readonly why: Refusal };

/** What the door needs of the log. */
export interface LogAppender {
  /**
   * Resolves with `stored` only when every record would survive a crash; with `refused` when none was kept.
   * Rejects when the disk failed: then it is unknown what was kept, and the log takes nothing more.
   */
  append(records: readonly NewRecord[]): Promise<AppendResult>;
}

export interface ReadOptions {
  readonly partition: number;
  /** The first position to read. */
  readonly from: Position;
  /** When given, only these sources' records are read. */
  readonly sources?: ReadonlySet<string>;
  /** Ends the reading at once. Without it the reader waits at the head for ever. */
  readonly signal?: AbortSignal;
  /** True to stop at the head in place of waiting for more. */
  readonly untilHead?: boolean;
}

/** One step of a reader: records in log order, and where to go on. */
export interface ReadBatch {
  readonly records: readonly LogRecord[];
  /** The position after the last one looked at, also when no record of it was wanted. */
  readonly next: Position;
}

/** A place between two records of a partition. */
export interface LogPlace {
  /** The position of the record behind it. */
  readonly position: Position;
  /** The last sequence of each source in front of it; none for a source that has no record there. */
  readonly sequences: ReadonlyMap<string, number>;
}

/** What the router needs of the log. */
export interface LogReader {
  readonly partitions: number;
  /** The position that the next accepted record of a partition gets. Only durable records lie before it. */
  head(partition: number): Position;
  /** The first position that is still kept. */
  first(partition: number): Position;
  /** Records in log order, from a position on. */
  read(options: ReadOptions): AsyncIterable<ReadBatch>;
  /**
   * The one record at a position, which may be kept. Undefined when it is damaged, when it was dropped, and at the
   * head and behind. Costs tens of microseconds, so that waiting events need not stay in memory.
   */
  at(partition: number, position: Position): LogRecord | undefined;
  /**
   * All records with this source and message ID, oldest first; they may be kept. More than one is a repeat within the
   * log. Made for a person who waits: it may take a tenth of a second.
   */
  find(source: string, messageId: string): readonly LogRecord[];
  /**
   * The place in front of the first record, in log order, that was received at or after `time`, in milliseconds since
   * 1970; the head when there is none. Where the clock was set back, the same time occurs twice in the log: then it is
   * the place in front of one such record, and not always the first.
   */
  placeAt(partition: number, time: number): LogPlace;
}

/** The durable, ordered record of everything accepted. Nothing in it is ever changed. */
export interface EventLog extends LogAppender, LogReader {
  /** The last sequence given out per source: how many events each has had accepted in this partition. */
  sequences(partition: number): ReadonlyMap<string, number>;
  /** Refuses new appends, finishes those under way, frees the data directory. */
  close(): Promise<void>;
}
