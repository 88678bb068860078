import type { LogReader, LogRecord, ReadBatch, ReadOptions } from '../event-log.ts';
import { type LogReport, setAside } from './damage.ts';
import type { LogStorage } from './log-storage.ts';
import { KIND } from './record-format.ts';
import { RecordWalk, type WalkedRecord } from './record-walk.ts';
import { readIndex, type SegmentIndex } from './segment-index.ts';
import { segmentBases, segmentName } from './segment-names.ts';
import { eventOf, namesOf } from './segment-recovery.ts';
import type { Watermark } from './watermark.ts';

/** Small enough that the pipelines' turns stay short, large enough that a catch-up is not all overhead. */
const BATCH_RECORDS_MAX = 512;

/** Indexes kept in memory, those used last: an index takes 20 bytes a record, and pipelines are mostly near each other. */
const INDEXES_KEPT_MAX = 4;

export interface SegmentReaderOptions {
  readonly storage: LogStorage;
  readonly quarantine: LogStorage;
  readonly watermark: Watermark;
  readonly report: LogReport;
}

/** Reads the log from any thread, up to what is durable. It never changes a segment. */
export class SegmentReader implements LogReader {
  readonly partitions = 1;
  readonly #options: SegmentReaderOptions;
  /** The indexes of closed segments, which never change, that were used last; the last one at the end. */
  readonly #indexes = new Map<number, SegmentIndex | undefined>();
  /** Damage is told once, however many pipelines read past it. */
  readonly #told = new Set<string>();

  constructor(options: SegmentReaderOptions) {
    this.#options = options;
  }

  head(): number {
    return this.#options.watermark.head;
  }

  first(): number {
    return this.#options.watermark.first;
  }

  async *read(options: ReadOptions): AsyncIterable<ReadBatch> {
    const { watermark } = this.#options;
    let cursor: Cursor | undefined;
    let next = options.from;
    while (options.signal?.aborted !== true) {
      next = Math.max(next, watermark.first);
      const head = watermark.head;
      if (next >= head) {
        if (options.untilHead === true) return;
        await moved(watermark, head, options.signal);
        continue;
      }
      cursor = this.#cursorAt(next, cursor, options.sources);
      const batch = this.#step(cursor, next, head, options.sources);
      next = batch.next;
      if (batch.records.length > 0 || next >= head) yield batch;
    }
  }

  /** The records with this source and message ID, oldest first. More than one means a repeat within the log. */
  find(source: string, messageId: string): LogRecord[] {
    const { storage, watermark } = this.#options;
    const found: LogRecord[] = [];
    const bases = this.#bases();
    for (const base of bases) {
      const index = base === bases.at(-1) ? undefined : this.#indexOf(base);
      const starts = index?.offsetsOfMessageId(messageId) ?? [0];
      for (const start of starts) {
        const walk = new RecordWalk((offset, into) => storage.read(segmentName(base), offset, into), start);
        const visitor = {
          record(walked: WalkedRecord): boolean {
            if (walked.header.position >= watermark.head) return false;
            const isWanted = walked.header.kind === KIND.event && namesOf(walked).messageId === messageId;
            if (isWanted && namesOf(walked).source === source) found.push(copyOf(recordOf(walked)));
            return index === undefined;
          },
          damage() {},
        };
        while (walk.step(visitor) === 'more');
      }
    }
    return found;
  }

  #bases(): number[] {
    return segmentBases(this.#options.storage.list());
  }

  /** The cursor that stands in front of `next`: the one at hand, or a new one in the segment that holds it. */
  #cursorAt(next: number, cursor: Cursor | undefined, sources: ReadonlySet<string> | undefined): Cursor {
    if (cursor !== undefined && cursor.expected === next && !cursor.isSpent) return cursor;
    const { storage } = this.#options;
    if (cursor !== undefined) storage.release(segmentName(cursor.base));
    const bases = this.#bases();
    const at = bases.findLastIndex((base) => base <= next);
    const base = bases[Math.max(at, 0)] ?? 0;
    const successor = bases[Math.max(at, 0) + 1];
    const index = successor === undefined ? undefined : this.#indexOf(base);
    const name = segmentName(base);
    // From a segment's very start, so that its opening is looked at too.
    const start = next === base ? 0 : (index?.offsetOf(next) ?? 0);
    const walk = new RecordWalk((offset, into) => storage.read(name, offset, into), start);
    const isWanted = index === undefined || sources === undefined || holdsAnyOf(index, sources);
    return { base, successor, isWanted, walk, expected: next, isSpent: false };
  }

  #indexOf(base: number): SegmentIndex | undefined {
    const index = this.#indexes.get(base) ?? readIndex(this.#options.storage, base);
    this.#indexes.delete(base);
    this.#indexes.set(base, index);
    for (const known of this.#indexes.keys())
      if (this.#indexes.size > INDEXES_KEPT_MAX) this.#indexes.delete(known);
    return index;
  }

  /** Reads one chunk. Its records are valid until the cursor's next step. */
  #step(cursor: Cursor, from: number, head: number, sources: ReadonlySet<string> | undefined): ReadBatch {
    if (!cursor.isWanted) {
      cursor.isSpent = true;
      return { records: [], next: Math.max(cursor.successor ?? head, from) };
    }
    const records: LogRecord[] = [];
    const step = cursor.walk.step({
      record: (walked) => {
        const { header } = walked;
        if (header.kind === KIND.opening) return true;
        if (header.position >= head || records.length >= BATCH_RECORDS_MAX) return false;
        // An opening, a copy, or one that was asked to be skipped.
        if (header.position < cursor.expected) return true;
        cursor.expected = header.position + 1;
        const record = recordOf(walked);
        if (sources === undefined || sources.has(record.source)) records.push(record);
        return true;
      },
      damage: (offset, bytes) => this.#tell(cursor.base, offset, bytes),
    });
    const isCut = step === 'stopped' && records.length >= BATCH_RECORDS_MAX;
    if (step === 'end' || (step === 'stopped' && !isCut)) this.#leave(cursor, head);
    return { records, next: Math.max(cursor.expected, from) };
  }

  /** At the end of what can be read here: on to the next segment, whatever this one should still have held. */
  #leave(cursor: Cursor, head: number): void {
    const { storage } = this.#options;
    // A segment that was the open one may have got a successor since.
    const successor = cursor.successor ?? this.#bases().find((base) => base > cursor.base);
    if (cursor.expected >= head) return;
    cursor.isSpent = true;
    const missing = Math.min(successor ?? head, head);
    if (cursor.expected >= missing) return;
    cursor.expected = missing;
    const { wholeEnd } = cursor.walk;
    const bytes = Math.max(0, storage.size(segmentName(cursor.base)) - wholeEnd);
    // What is missing at the very end was cut off, and told of, when the log was opened.
    if (bytes > 0 || successor !== undefined) this.#tell(cursor.base, wholeEnd, bytes);
  }

  #tell(base: number, offset: number, bytes: number): void {
    const segment = segmentName(base);
    const key = `${segment}:${offset}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    setAside(this.#options, { kind: 'damaged', segment, offset, bytes });
  }
}

interface Cursor {
  readonly base: number;
  readonly successor: number | undefined;
  /** False when the segment is known to hold nothing of the sources asked for. */
  readonly isWanted: boolean;
  readonly walk: RecordWalk;
  /** The position that the next record should have. */
  expected: number;
  isSpent: boolean;
}

/** Resolves when the head has moved on or the signal aborts, and leaves nothing behind on the signal. */
function moved(watermark: Watermark, head: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      signal?.removeEventListener('abort', done);
      resolve();
    };
    signal?.addEventListener('abort', done, { once: true });
    watermark.moved(head).then(done, reject);
  });
}

function holdsAnyOf(index: SegmentIndex, sources: ReadonlySet<string>): boolean {
  for (const source of sources) if (index.has(source)) return true;
  return false;
}

function recordOf(walked: WalkedRecord): LogRecord {
  const { position, sequence, receivedAt } = walked.header;
  return { position, sequence, receivedAt, ...namesOf(walked), bytes: eventOf(walked) };
}

function copyOf(record: LogRecord): LogRecord {
  return { ...record, bytes: record.bytes.slice() };
}
