import { crc32 } from 'node:zlib';
import {
  FIXED_BYTES,
  INDEX_MAGIC,
  INDEX_VERSION,
  type IndexLayout,
  layoutOf,
  SEGMENT_RECORDS_MAX,
} from './index-format.ts';
import type { LogStorage } from './log-storage.ts';
import { hashMessageId, mayContain } from './message-id-filter.ts';
import { viewOf } from './record-format.ts';
import { indexName } from './segment-names.ts';

/** How much of an index is in memory at once while its checksum is computed. */
const CHECKED_AT_ONCE_BYTES = 256 * 1024;

/** A part of a segment: from where a record starts to where another ends. */
export interface Stretch {
  readonly offset: number;
  readonly end: number;
  /** The position of its first record. */
  readonly position: number;
}

/** One source's records in an index: where their numbers start in the list of all, and how many they are. */
interface Group {
  readonly start: number;
  readonly count: number;
}

/**
 * Answers what a closed segment holds, without reading it. It reads the few bytes of its file that an answer needs,
 * so that hundreds of segments can be asked one after the other in little memory.
 */
export class SegmentIndex {
  readonly base: number;
  readonly segmentBytes: number;
  readonly count: number;
  readonly #storage: LogStorage;
  readonly #layout: IndexLayout;
  readonly #number = new DataView(new ArrayBuffer(8));
  readonly #byte = new Uint8Array(this.#number.buffer);
  #groups: ReadonlyMap<string, Group> | undefined;

  private constructor(storage: LogStorage, base: number, fixed: DataView) {
    this.#storage = storage;
    this.base = base;
    this.count = fixed.getUint32(12, true);
    this.#layout = layoutOf(this.count, fixed.getUint32(16, true));
    this.segmentBytes = fixed.getFloat64(24, true);
  }

  /**
   * The index of a segment; nothing when it is missing or of another version. When `isKnown`, the caller has had it
   * before, and what never changes is not checked again.
   */
  static open(storage: LogStorage, base: number, isKnown = false): SegmentIndex | undefined {
    const fixed = new Uint8Array(FIXED_BYTES);
    const view = viewOf(fixed);
    if (storage.read(indexName(base), 0, fixed) < FIXED_BYTES) return undefined;
    if (view.getUint32(0, true) !== INDEX_MAGIC || view.getUint32(8, true) !== INDEX_VERSION)
      return undefined;
    if (!isKnown && view.getUint32(4, true) !== checksumOf(storage, indexName(base))) return undefined;
    return new SegmentIndex(storage, base, view);
  }

  /** Where to start reading so as to see `position` and all behind it; the segment's end when it lies behind. */
  offsetOf(position: number): number {
    const { positions, offsets } = this.#layout;
    const wanted = position - this.base;
    const positionAt = (at: number) => this.#uint32(positions + at * 4);
    // Mostly no position is missing. Then a record's number is what its position says.
    const isDense = wanted >= 0 && wanted < this.count && positionAt(wanted) === wanted;
    const number = isDense ? wanted : firstAtLeast(wanted, this.count, positionAt);
    return number < this.count ? this.#uint32(offsets + number * 4) : this.segmentBytes;
  }

  /** Where records of these sources lie, in log order. Those with at most `gap` bytes between them are one stretch. */
  stretchesOf(sources: ReadonlySet<string>, gap: number): readonly Stretch[] {
    const numbers = this.#numbersOf(sources);
    if (numbers.length === 0) return [];
    const offsets = this.#uint32s(this.#layout.offsets, this.count);
    const positions = this.#uint32s(this.#layout.positions, this.count);
    const stretches: Stretch[] = [];
    let last: { offset: number; end: number; position: number } | undefined;
    for (const number of numbers) {
      const offset = offsets[number] ?? 0;
      const end = offsets[number + 1] ?? this.segmentBytes;
      if (last !== undefined && offset - last.end <= gap) {
        last.end = end;
      } else {
        last = { offset, end, position: this.base + (positions[number] ?? 0) };
        stretches.push(last);
      }
    }
    return stretches;
  }

  /** Where records start that may have this message ID: compare the ID itself. Few, and mostly none. */
  offsetsOfMessageId(messageId: string): readonly number[] {
    const { ids, filter, grouped, offsets } = this.#layout;
    const hashes = hashMessageId(messageId);
    if (!mayContain(grouped - filter, (at) => this.#uint8(filter + at), hashes)) return [];
    const wanted = hashes[0] * SEGMENT_RECORDS_MAX;
    const found: number[] = [];
    const idAt = (at: number) => this.#float64(ids + at * 8);
    for (let at = firstAtLeast(wanted, this.count, idAt); at < this.count; at += 1) {
      const number = idAt(at) - wanted;
      if (number >= SEGMENT_RECORDS_MAX) break;
      found.push(this.#uint32(offsets + number * 4));
    }
    return found;
  }

  /** The numbers of these sources' records, in log order. */
  #numbersOf(sources: ReadonlySet<string>): Uint32Array {
    const groups: Group[] = [];
    for (const source of sources) {
      const group = this.#bySource().get(source);
      if (group !== undefined) groups.push(group);
    }
    const numbers = new Uint32Array(groups.reduce((sum, { count }) => sum + count, 0));
    let used = 0;
    for (const { start, count } of groups) {
      numbers.set(this.#uint32s(this.#layout.grouped + start * 4, count), used);
      used += count;
    }
    return groups.length > 1 ? numbers.sort() : numbers;
  }

  #bySource(): ReadonlyMap<string, Group> {
    this.#groups ??= readGroups(this.#bytes(this.#layout.names, this.#size() - this.#layout.names));
    return this.#groups;
  }

  #size(): number {
    return this.#storage.size(indexName(this.base));
  }

  #bytes(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(Math.max(0, length));
    this.#storage.read(indexName(this.base), offset, bytes);
    return bytes;
  }

  #uint32s(offset: number, count: number): Uint32Array {
    return new Uint32Array(this.#bytes(offset, count * 4).buffer);
  }

  #uint8(offset: number): number {
    this.#storage.read(indexName(this.base), offset, this.#byte);
    return this.#number.getUint8(0);
  }

  #uint32(offset: number): number {
    this.#storage.read(indexName(this.base), offset, this.#byte);
    return this.#number.getUint32(0, true);
  }

  #float64(offset: number): number {
    this.#storage.read(indexName(this.base), offset, this.#byte);
    return this.#number.getFloat64(0, true);
  }
}

/** The checksum of all behind the place where it stands itself. */
function checksumOf(storage: LogStorage, name: string): number {
  const chunk = new Uint8Array(CHECKED_AT_ONCE_BYTES);
  let checksum = 0;
  let offset = 8;
  for (;;) {
    const filled = storage.read(name, offset, chunk);
    if (filled === 0) return checksum;
    checksum = crc32(chunk.subarray(0, filled), checksum);
    offset += filled;
  }
}

function readGroups(bytes: Uint8Array): ReadonlyMap<string, Group> {
  const table: unknown = JSON.parse(Buffer.from(bytes).toString());
  const groups = new Map<string, Group>();
  if (!Array.isArray(table)) return groups;
  for (const row of table) {
    if (!Array.isArray(row)) continue;
    const [source, start, count] = row;
    if (typeof source === 'string' && typeof start === 'number' && typeof count === 'number')
      groups.set(source, { start, count });
  }
  return groups;
}

/** The first of `count` places in a sorted list whose number is not below `wanted`; `count` when there is none. */
function firstAtLeast(wanted: number, count: number, numberAt: (at: number) => number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numberAt(middle) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
