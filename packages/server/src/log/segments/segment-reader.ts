import type { LogPlace, LogReader, LogRecord, ReadBatch, ReadOptions } from '../event-log.ts';
import { type LogReport, setAside } from './damage.ts';
import type { LogStorage } from './log-storage.ts';
import { placeAt } from './place-at.ts';
import { KIND } from './record-format.ts';
import { RecordWalk, type WalkedRecord } from './record-walk.ts';
import { recordOf, SegmentCursor } from './segment-cursor.ts';
import { segmentName } from './segment-names.ts';
import { type Segment, SegmentShelf } from './segment-shelf.ts';
import type { Watermark } from './watermark.ts';

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
  readonly #shelf: SegmentShelf;
  /** Damage is told once, however many pipelines read past it. */
  readonly #told = new Set<string>();

  constructor(options: SegmentReaderOptions) {
    this.#options = options;
    this.#shelf = new SegmentShelf(options.storage, options.watermark);
  }

  head(): number {
    return this.#options.watermark.head;
  }

  first(): number {
    return this.#options.watermark.first;
  }

  async *read(options: ReadOptions): AsyncIterable<ReadBatch> {
    const { watermark, storage } = this.#options;
    let cursor: SegmentCursor | undefined;
    let next = options.from;
    try {
      while (options.signal?.aborted !== true) {
        next = Math.max(next, watermark.first);
        const head = watermark.head;
        if (next >= head) {
          if (options.untilHead === true) return;
          await moved(watermark, head, options.signal);
          continue;
        }
        if (cursor?.standsAt(next) !== true) {
          if (cursor !== undefined) storage.release(segmentName(cursor.base));
          cursor = this.#cursorAt(next, options.sources);
        }
        const batch = cursor.step(head);
        const isProgress = batch.records.length > 0 || batch.next > next;
        next = batch.next;
        if (isProgress) yield batch;
      }
    } finally {
      if (cursor !== undefined) storage.release(segmentName(cursor.base));
    }
  }

  at(_partition: number, position: number): LogRecord | undefined {
    const { watermark } = this.#options;
    if (position < watermark.first || position >= watermark.head) return undefined;
    const segment = this.#shelf.holding(position);
    if (segment === undefined) return undefined;
    const start = (segment.index ?? segment.notes).offsetOf(position);
    let found: LogRecord | undefined;
    this.#walk(segment, start, (walked) => {
      const isIt = walked.header.position === position && found === undefined;
      if (isIt) found = copyOf(recordOf(walked));
      return found === undefined && walked.header.position < position;
    });
    return found;
  }

  find(source: string, messageId: string): readonly LogRecord[] {
    const { head } = this.#options.watermark;
    const found: LogRecord[] = [];
    for (const base of this.#shelf.bases()) {
      const segment = this.#shelf.holding(base);
      if (segment === undefined) continue;
      const { index, notes } = segment;
      const starts = index?.offsetsOfMessageId(messageId) ?? notes?.offsetsOfMessageId(messageId, head) ?? [];
      for (const start of starts) {
        this.#walk(segment, start, (walked) => {
          // Where the record itself is damaged, the walk comes to another one.
          if (walked.offset !== start) return false;
          const record = recordOf(walked);
          if (record.messageId === messageId && record.source === source) found.push(copyOf(record));
          return false;
        });
      }
    }
    return found;
  }

  placeAt(_partition: number, time: number): LogPlace {
    const { storage, watermark } = this.#options;
    return placeAt({ storage, head: watermark.head, bases: this.#shelf.bases(), time });
  }

  #cursorAt(next: number, sources: ReadonlySet<string> | undefined): SegmentCursor {
    const { storage } = this.#options;
    const segment = this.#shelf.holding(next);
    if (segment === undefined) throw new Error(`There is no segment for position ${next}.`);
    const tell = (base: number, offset: number, bytes: number) => this.#tell(base, offset, bytes);
    return new SegmentCursor({ storage, shelf: this.#shelf, segment, from: next, sources, tell });
  }

  /** Visits whole records from `start` on, as long as `visit` says so. */
  #walk({ base, notes }: Segment, start: number, visit: (walked: WalkedRecord) => boolean): void {
    const { storage, watermark } = this.#options;
    const walk = new RecordWalk((offset, into) => storage.read(segmentName(base), offset, into), start);
    const visitor = {
      record(walked: WalkedRecord): boolean {
        if (walked.header.kind === KIND.opening) return true;
        if (walked.header.position >= watermark.head) return false;
        notes?.passed(walked.header.position, walked.offset);
        return visit(walked);
      },
      damage: (offset: number, bytes: number) => this.#tell(base, offset, bytes),
    };
    while (walk.step(visitor) === 'more');
  }

  #tell(base: number, offset: number, bytes: number): void {
    const segment = segmentName(base);
    const key = `${segment}:${offset}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    setAside(this.#options, { kind: 'damaged', segment, offset, bytes });
  }
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

function copyOf(record: LogRecord): LogRecord {
  return { ...record, bytes: record.bytes.slice() };
}
