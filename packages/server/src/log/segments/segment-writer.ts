import type { Clock } from '../../platform/clock.ts';
import type { Retention } from '../../platform/quantity.ts';
import { type LogReport, setAside } from './damage.ts';
import { SEGMENT_RECORDS_MAX } from './index-format.ts';
import { type LogStorage, StorageFull } from './log-storage.ts';
import type { CommitResult } from './log-writer.ts';
import { HEADER_BYTES, openingRecord, sealRecord, viewOf } from './record-format.ts';
import { dropExpired } from './retention.ts';
import { SegmentIndex } from './segment-index.ts';
import { SegmentIndexBuilder } from './segment-index-builder.ts';
import { indexName, segmentBases, segmentName } from './segment-names.ts';
import { readSegmentOpening, recoverSegment } from './segment-recovery.ts';
import type { Watermark } from './watermark.ts';

/** Large enough that a day of traffic is few files, small enough that one is indexed in milliseconds. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
/** A quiet log still gets a new segment now and then, because retention drops whole segments. */
const SEGMENT_AGE_MS = 60 * 60 * 1000;
/** How often the free space is looked at while groups are written. */
const FREE_SPACE_EVERY_MS = 250;

export interface SegmentWriterOptions {
  readonly storage: LogStorage;
  /** Where damaged bytes are copied. */
  readonly quarantine: LogStorage;
  readonly watermark: Watermark;
  readonly clock: Clock;
  readonly retention: Retention;
  /** Below so many free bytes nothing is accepted, so that delivery and the operator can still work. */
  readonly diskReserveBytes: number;
  readonly report: LogReport;
  readonly segmentBytes?: number;
}

/** The only one who writes the log. Everything here is synchronous: it has a thread of its own. */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  readonly #sequences = new Map<string, number>();
  /** The closed segments' bases, oldest first, and when the next one was opened. */
  #closed: { readonly base: number; readonly closedAt: number | undefined }[] = [];
  #base = 0;
  #bytes = 0;
  #openedAt = 0;
  #index = new SegmentIndexBuilder(0);
  #next = 0;
  #freeLookedAt = Number.NEGATIVE_INFINITY;
  #reserveBroken = false;

  /**
   * Opens the log, mending what a crash left behind: a torn tail is cut off, damaged stretches are copied aside.
   * What is there afterwards is durable.
   */
  constructor(options: SegmentWriterOptions) {
    this.#options = options;
    this.#recover();
  }

  /** The last sequence given out, per source. */
  get sequences(): ReadonlyMap<string, number> {
    return this.#sequences;
  }

  /**
   * Gives the drafted records their places and makes them durable, all or none of them.
   *
   * @throws when the disk failed. Nobody knows then what is durable: the log must not be used again.
   */
  commit(group: Uint8Array): CommitResult {
    const { storage, watermark } = this.#options;
    if (this.#belowReserve()) return { kind: 'refused', why: 'disk_full' };
    if (this.#isDue(group.length)) this.#roll();
    const isNew = this.#bytes === 0;
    const before = this.#bytes;
    const sealed = this.#seal(group);
    const name = segmentName(this.#base);
    try {
      if (isNew) this.#bytes += this.#open();
      storage.append(name, group);
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
      storage.truncate(name, before);
      this.#bytes = before;
      return { kind: 'refused', why: 'disk_full' };
    }
    storage.sync(name);
    if (isNew) {
      storage.syncNames();
      watermark.openedAt(this.#base);
    }
    this.#keep(sealed);
    watermark.advance(this.#next);
    if (isNew) this.enforceRetention();
    return { kind: 'stored', sequences: sealed.sequences };
  }

  /** Drops what is older, or more, than is kept. To be called now and then. */
  enforceRetention(): void {
    const { storage, retention, clock, watermark, report } = this.#options;
    this.#closed = dropExpired({
      segments: this.#closed,
      open: { base: this.#base, bytes: this.#bytes },
      retention,
      now: clock.now(),
      storage,
      // Readers must know before the file is gone.
      beforeDrop: (firstKept) => watermark.keepFrom(firstKept),
      report,
    });
  }

  #recover(): void {
    const { storage, watermark, clock } = this.#options;
    const bases = segmentBases(storage.list());
    const last = bases.at(-1);
    const openings = bases.map((base) => readSegmentOpening(storage, base));
    this.#closed = bases.slice(0, -1).map((base, at) => {
      // It ended when the next one was opened; if that cannot be read, before the one after that.
      const later = openings.slice(at + 1).find((opening) => opening !== undefined);
      return { base, closedAt: later?.openedAt };
    });
    // Sequences are known from the newest opening that can be read; what follows it is read record by record.
    const known = openings.findLastIndex((opening) => opening !== undefined);
    for (const base of bases.slice(Math.max(known, 0), -1)) recoverSegment(storage, base, this.#sequences);
    for (const { base } of this.#closed) this.#mendIndex(base, base === this.#closed.at(-1)?.base);
    if (last === undefined) {
      this.#openedAt = clock.now();
    } else {
      this.#recoverOpenSegment(last);
    }
    watermark.keepFrom(bases[0] ?? 0);
    watermark.openedAt(this.#base);
    watermark.advance(this.#next);
  }

  #recoverOpenSegment(base: number): void {
    const { storage, clock } = this.#options;
    const name = segmentName(base);
    const found = recoverSegment(storage, base, this.#sequences);
    for (const damage of found.damage) setAside(this.#options, damage);
    if (storage.size(name) > found.end) storage.truncate(name, found.end);
    // It was about to be closed. An index made then would not hold what is appended now.
    storage.remove(indexName(base));
    // What a killed process wrote may still be in memory only. Nothing may be read before it is durable.
    storage.sync(name);
    storage.syncNames();
    this.#base = base;
    this.#bytes = found.end;
    this.#index = found.index;
    this.#next = found.nextPosition;
    this.#openedAt = found.openedAt ?? clock.now();
  }

  /** A closed segment whose index is missing gets it now; so does the newest one, if its index is not whole. */
  #mendIndex(base: number, isNewest: boolean): void {
    const { storage, report } = this.#options;
    const name = indexName(base);
    const isThere = isNewest ? SegmentIndex.open(storage, base) !== undefined : storage.size(name) > 0;
    storage.release(name);
    if (isThere) return;
    report.notice(`The index of ${segmentName(base)} is missing and is made again.`);
    const { index, end, damage } = recoverSegment(storage, base, new Map());
    // Who reads through the index does not come by what is not in it.
    for (const found of damage) setAside(this.#options, found);
    this.#writeIndex(index, end);
    storage.release(segmentName(base));
  }

  /** Looks at the free space now and then; true while there is less than the reserve. */
  #belowReserve(): boolean {
    const { clock, storage, diskReserveBytes } = this.#options;
    const now = clock.monotonic();
    if (now - this.#freeLookedAt >= FREE_SPACE_EVERY_MS) {
      this.#freeLookedAt = now;
      this.#reserveBroken = storage.free() < diskReserveBytes;
    }
    return this.#reserveBroken;
  }

  #isDue(bytes: number): boolean {
    const { segmentBytes = SEGMENT_BYTES, clock } = this.#options;
    if (this.#index.count === 0) return false;
    const recordsAtMost = this.#index.count + bytes / HEADER_BYTES;
    const isOld = clock.now() - this.#openedAt > SEGMENT_AGE_MS;
    return this.#bytes + bytes > segmentBytes || recordsAtMost > SEGMENT_RECORDS_MAX || isOld;
  }

  /** Closes the open segment; the next group opens a new one. */
  #roll(): void {
    const { storage, clock } = this.#options;
    this.#writeIndex(this.#index, this.#bytes);
    storage.release(segmentName(this.#base));
    this.#closed.push({ base: this.#base, closedAt: clock.now() });
    this.#base = this.#next;
    this.#bytes = 0;
    this.#openedAt = clock.now();
    this.#index = new SegmentIndexBuilder(this.#base);
  }

  #writeIndex(index: SegmentIndexBuilder, segmentBytes: number): void {
    const { storage, report } = this.#options;
    const name = indexName(index.base);
    try {
      storage.remove(name);
      storage.append(name, index.encode(segmentBytes));
      storage.sync(name);
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
      report.notice(`No room for ${name}; it is made at the next start.`);
      storage.remove(name);
    }
    storage.release(name);
  }

  /** Starts a segment's file. The opening stands there twice: one flipped bit must not cost all sequences. */
  #open(): number {
    const { storage } = this.#options;
    const opening = openingRecord(this.#base, this.#openedAt, this.#sequences);
    storage.append(segmentName(this.#base), opening);
    storage.append(segmentName(this.#base), opening);
    return opening.length * 2;
  }

  /** Gives each record of the group its position and sequence, without yet counting on them. */
  #seal(group: Uint8Array): SealedGroup {
    const view = viewOf(group);
    const text = Buffer.from(group.buffer, group.byteOffset, group.byteLength);
    const sequences = new Map<string, number>();
    const records: SealedRecord[] = [];
    let position = this.#next;
    for (let offset = 0; offset < group.length; ) {
      const length = view.getUint32(offset + 8, true);
      const sourceEnd = offset + HEADER_BYTES + view.getUint16(offset + 40, true);
      const source = text.toString('latin1', offset + HEADER_BYTES, sourceEnd);
      const messageIdAt = sourceEnd + view.getUint16(offset + 42, true);
      const messageId = text.toString('utf8', messageIdAt, messageIdAt + view.getUint16(offset + 44, true));
      const sequence = (sequences.get(source) ?? this.#sequences.get(source) ?? 0) + 1;
      sequences.set(source, sequence);
      sealRecord(group, view, offset, position, sequence);
      records.push({ offset, position, source, messageId });
      position += 1;
      offset += length;
    }
    return { records, sequences, bytes: group.length };
  }

  #keep({ records, sequences, bytes }: SealedGroup): void {
    for (const { offset, position, source, messageId } of records) {
      this.#index.add(this.#bytes + offset, position, source, messageId);
    }
    for (const [source, sequence] of sequences) this.#sequences.set(source, sequence);
    this.#bytes += bytes;
    this.#next += records.length;
  }
}

interface SealedRecord {
  readonly offset: number;
  readonly position: number;
  readonly source: string;
  readonly messageId: string;
}

interface SealedGroup {
  readonly records: readonly SealedRecord[];
  readonly sequences: ReadonlyMap<string, number>;
  readonly bytes: number;
}
