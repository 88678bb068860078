import type { LogRecord, ReadBatch } from '../event-log.ts';
import type { LogStorage } from './log-storage.ts';
import { KIND } from './record-format.ts';
import { type ReadAt, RecordWalk, type WalkedRecord, type WalkVisitor } from './record-walk.ts';
import type { Stretch } from './segment-index.ts';
import { segmentName } from './segment-names.ts';
import { eventOf, namesOf } from './segment-recovery.ts';
import type { Segment, SegmentShelf } from './segment-shelf.ts';

/** Small enough that the pipelines' turns stay short, large enough that a catch-up is not all overhead. */
const BATCH_RECORDS_MAX = 512;
/** How many far stretches one batch is gathered from; each has 16 KB in memory or a little more. */
const BATCH_STRETCHES_MAX = 64;
/** Others' records are read past up to so many bytes: finding a new place costs about as much. */
const PASSED_BYTES_MAX = 64 * 1024;

export interface CursorOptions {
  readonly storage: LogStorage;
  readonly shelf: SegmentShelf;
  readonly segment: Segment;
  /** The first position to read. */
  readonly from: number;
  readonly sources: ReadonlySet<string> | undefined;
  /** Told of damage in the segment. */
  readonly tell: (base: number, offset: number, bytes: number) => void;
}

/** One reader's way through one segment. Of a closed one it reads what lies near the wanted sources' records. */
export class SegmentCursor {
  readonly base: number;
  readonly #options: CursorOptions;
  readonly #read: ReadAt;
  /** What is to be read, in file order. */
  readonly #stretches: readonly Stretch[];
  /** The stretch that is being read. */
  #at = 0;
  #walk: RecordWalk;
  /** A whole record behind the stretch was seen. Not before that can damage at its end be told. */
  #isBehindStretch = false;
  /** The position that the next record should have. */
  #expected: number;
  #isSpent = false;

  constructor(options: CursorOptions) {
    const { storage, segment, from, sources } = options;
    const { base, index, notes } = segment;
    this.base = base;
    this.#options = options;
    this.#expected = from;
    this.#read = (offset, into) => storage.read(segmentName(base), offset, into);
    // From a segment's very start, so that its opening is looked at too.
    const start = from === base ? 0 : (index ?? notes).offsetOf(from);
    this.#walk = new RecordWalk(this.#read, start);
    if (index === undefined || sources === undefined) {
      this.#stretches = [{ offset: start, end: Number.POSITIVE_INFINITY, position: from }];
    } else {
      this.#stretches = index.stretchesOf(sources, PASSED_BYTES_MAX);
      this.#goOnBehind(start, PASSED_BYTES_MAX);
    }
  }

  /** Whether the record at this position is the next that it reads. */
  standsAt(position: number): boolean {
    return this.#expected === position && !this.#isSpent;
  }

  /** Reads on, up to `head`. The records are valid until the next step. */
  step(head: number): ReadBatch {
    const records: LogRecord[] = [];
    const visitor = this.#visitor(head, records);
    for (let walks = 0; walks < BATCH_STRETCHES_MAX && !this.#isSpent; walks += 1) {
      const step = this.#walk.step(visitor);
      const isCut = records.length >= BATCH_RECORDS_MAX;
      if (this.#isBehindStretch && step !== 'end') {
        this.#goOnBehind(this.#walk.wholeEnd);
        if (!isCut) continue;
      } else if (step === 'end' || (step === 'stopped' && !isCut)) {
        this.#leave(head);
      }
      break;
    }
    return { records, next: this.#expected };
  }

  #visitor(head: number, records: LogRecord[]): WalkVisitor {
    const { segment, sources, tell } = this.#options;
    return {
      record: (walked) => {
        const { header, offset } = walked;
        if (header.kind === KIND.opening) return true;
        if (this.#isBehindStretch) return false;
        if (header.position >= head || records.length >= BATCH_RECORDS_MAX) return false;
        segment.notes?.passed(header.position, offset);
        this.#isBehindStretch = offset >= (this.#stretches[this.#at]?.end ?? 0);
        // A copy, or one that was asked to be skipped.
        if (header.position < this.#expected) return true;
        this.#expected = header.position + 1;
        const record = recordOf(walked);
        if (sources === undefined || sources.has(record.source)) records.push(record);
        return true;
      },
      damage: (offset, bytes) => tell(segment.base, offset, bytes),
    };
  }

  /** Turns to the stretch behind `here`, or past the whole segment when there is none. */
  #goOnBehind(here: number, passed = 0): void {
    const { segment } = this.#options;
    this.#isBehindStretch = false;
    while ((this.#stretches[this.#at]?.end ?? Number.POSITIVE_INFINITY) <= here) this.#at += 1;
    const stretch = this.#stretches[this.#at];
    if (stretch === undefined) {
      this.#isSpent = true;
      this.#expected = Math.max(this.#expected, segment.successor ?? 0);
    } else if (stretch.offset > here + passed) {
      this.#walk = new RecordWalk(this.#read, stretch.offset);
      this.#expected = Math.max(this.#expected, stretch.position);
    } else {
      this.#walk = new RecordWalk(this.#read, here);
    }
  }

  /** At the end of what can be read here: on to the next segment, whatever this one should still have held. */
  #leave(head: number): void {
    const { storage, shelf, tell } = this.#options;
    if (this.#expected >= head) return;
    this.#isSpent = true;
    // A segment that was the open one may have got a successor since.
    const successor = shelf.successorOf(this.base);
    const missing = Math.min(successor ?? head, head);
    if (this.#expected >= missing) return;
    this.#expected = missing;
    const { wholeEnd } = this.#walk;
    const bytes = Math.max(0, storage.size(segmentName(this.base)) - wholeEnd);
    // What is missing at the very end was cut off, and told of, when the log was opened.
    if (bytes > 0 || successor !== undefined) tell(this.base, wholeEnd, bytes);
  }
}

/** A record that a walk came by; its bytes are the walk's. */
export function recordOf(walked: WalkedRecord): LogRecord {
  const { position, sequence, receivedAt } = walked.header;
  return { position, sequence, receivedAt, ...namesOf(walked), bytes: eventOf(walked) };
}
