import type { LogStorage } from './log-storage.ts';
import { SegmentIndex } from './segment-index.ts';
import { indexName, segmentBases, segmentName } from './segment-names.ts';
import { SegmentNotes } from './segment-notes.ts';
import type { Watermark } from './watermark.ts';

/** Closed segments whose files are kept open, those used last: readers are mostly near each other. */
const KEPT_OPEN_MAX = 4;

/** A segment, and what is known of where its records lie. */
export type Segment = {
  readonly base: number;
  /** The base of the next one; undefined for the open segment. */
  readonly successor: number | undefined;
} & (
  | { readonly index: SegmentIndex; readonly notes?: undefined }
  | { readonly index?: undefined; readonly notes: SegmentNotes }
);

/** The segments of a log as the readers of one thread see them. */
export class SegmentShelf {
  readonly #storage: LogStorage;
  readonly #watermark: Watermark;
  #bases: readonly number[] = [];
  #listedAt = { newest: -1, first: -1 };
  /** The indexes that were used last; the last one at the end. */
  readonly #indexes = new Map<number, SegmentIndex>();
  /** Closed segments whose index was looked at, and whether it is whole: it never changes. */
  readonly #isWhole = new Map<number, boolean>();
  readonly #notes = new Map<number, SegmentNotes>();

  constructor(storage: LogStorage, watermark: Watermark) {
    this.#storage = storage;
    this.#watermark = watermark;
  }

  /** The bases of all kept segments, oldest first. */
  bases(): readonly number[] {
    const { newest, first } = this.#watermark;
    // Of an empty log nothing is remembered: its first segment changes neither of the two.
    const isKnown = newest === this.#listedAt.newest && first === this.#listedAt.first;
    if (isKnown && this.#bases.length > 0) return this.#bases;
    this.#listedAt = { newest, first };
    const bases = segmentBases(this.#storage.list());
    // One that is being dropped may still lie there.
    this.#bases = bases.slice(
      Math.max(
        0,
        bases.findLastIndex((base) => base <= first),
      ),
    );
    const oldest = this.#bases[0] ?? 0;
    for (const known of [this.#indexes, this.#isWhole, this.#notes]) {
      for (const base of known.keys()) {
        if (base >= oldest) continue;
        known.delete(base);
        this.#release(base);
      }
    }
    return this.#bases;
  }

  /** The segment that holds a position, or the oldest one when it lies before all. */
  holding(position: number): Segment | undefined {
    const bases = this.bases();
    const at = Math.max(
      0,
      bases.findLastIndex((base) => base <= position),
    );
    const base = bases[at];
    return base === undefined ? undefined : this.#segment(base, bases[at + 1]);
  }

  /** The base of the segment behind another; undefined when that is the open one. */
  successorOf(base: number): number | undefined {
    return this.bases().find((each) => each > base);
  }

  #segment(base: number, successor: number | undefined): Segment {
    const index = successor === undefined ? undefined : this.#indexOf(base);
    if (index !== undefined) {
      this.#notes.delete(base);
      return { base, successor, index };
    }
    const name = segmentName(base);
    let notes = this.#notes.get(base);
    notes ??= new SegmentNotes((offset, into) => this.#storage.read(name, offset, into));
    this.#notes.set(base, notes);
    return { base, successor, notes };
  }

  #indexOf(base: number): SegmentIndex | undefined {
    const isWhole = this.#isWhole.get(base);
    if (isWhole === false) return undefined;
    const index = this.#indexes.get(base) ?? SegmentIndex.open(this.#storage, base, isWhole);
    this.#isWhole.set(base, index !== undefined);
    if (index === undefined) return undefined;
    this.#indexes.delete(base);
    this.#indexes.set(base, index);
    for (const known of this.#indexes.keys()) {
      if (this.#indexes.size <= KEPT_OPEN_MAX) break;
      this.#indexes.delete(known);
      this.#release(known);
    }
    return index;
  }

  #release(base: number): void {
    this.#storage.release(indexName(base));
    this.#storage.release(segmentName(base));
  }
}
