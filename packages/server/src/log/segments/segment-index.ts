import { crc32 } from 'node:zlib';
import type { LogStorage } from './log-storage.ts';
import { addToFilter, filterBytes, hashMessageId, mayContain } from './message-id-filter.ts';
import { viewOf } from './record-format.ts';
import { indexName } from './segment-names.ts';

/*
 * The index of a closed segment, little-endian:
 *
 *   u32 magic · u32 checksum of all that follows · u32 version · u32 count · u32 filter bytes · u32 unused ·
 *   f64 segment bytes
 *   u32 × count   where each record starts
 *   u32 × count   its position, less the segment's base
 *   f64 × count   (32-bit hash of the message ID) × 2²⁰ + record number, sorted
 *   filter        a bloom filter over the message IDs
 *   u32 × count   record numbers, grouped by source
 *   JSON          [[source, where its group starts, how many], …]
 *
 * It is derived from the segment: when it is missing or damaged it is made again.
 */
const MAGIC = 0xce7a_4958;
const VERSION = 1;
const FIXED_BYTES = 32;
const NUMBER_SPACE = 2 ** 20;
/** How many records a segment may hold, so that a hash and a record number fit one double exactly. */
export const SEGMENT_RECORDS_MAX = NUMBER_SPACE;

/** Collects what the index needs while a segment is written or scanned. */
export class SegmentIndexBuilder {
  readonly base: number;
  readonly #offsets: number[] = [];
  readonly #positions: number[] = [];
  readonly #hashes: (readonly [number, number])[] = [];
  readonly #bySource = new Map<string, number[]>();

  constructor(base: number) {
    this.base = base;
  }

  get count(): number {
    return this.#offsets.length;
  }

  add(offset: number, position: number, source: string, messageId: string): void {
    const number = this.#offsets.length;
    this.#offsets.push(offset);
    this.#positions.push(position - this.base);
    this.#hashes.push(hashMessageId(messageId));
    const group = this.#bySource.get(source);
    if (group === undefined) this.#bySource.set(source, [number]);
    else group.push(number);
  }

  encode(segmentBytes: number): Uint8Array {
    const count = this.count;
    const table: [string, number, number][] = [];
    const grouped = new Uint32Array(count);
    let start = 0;
    for (const [source, numbers] of this.#bySource) {
      grouped.set(numbers, start);
      table.push([source, start, numbers.length]);
      start += numbers.length;
    }
    const names = Buffer.from(JSON.stringify(table));
    const filterSize = filterBytes(count);
    const bytes = new Uint8Array(FIXED_BYTES + count * 20 + filterSize + names.length);
    const parts = partsOf(bytes.buffer, count, filterSize);
    parts.offsets.set(this.#offsets);
    parts.positions.set(this.#positions);
    this.#hashes.forEach((hashes, number) => {
      parts.ids[number] = hashes[0] * NUMBER_SPACE + number;
      addToFilter(parts.filter, hashes);
    });
    parts.ids.sort();
    parts.grouped.set(grouped);
    bytes.set(names, parts.namesStart);
    const view = viewOf(bytes);
    view.setUint32(0, MAGIC, true);
    view.setUint32(8, VERSION, true);
    view.setUint32(12, count, true);
    view.setUint32(16, filterSize, true);
    view.setFloat64(24, segmentBytes, true);
    view.setUint32(4, crc32(bytes.subarray(8)), true);
    return bytes;
  }
}

/** Answers what a closed segment holds, without reading it. */
export class SegmentIndex {
  readonly base: number;
  readonly segmentBytes: number;
  readonly count: number;
  readonly #parts: IndexParts;
  readonly #sources = new Set<string>();

  private constructor(base: number, view: DataView, parts: IndexParts, table: unknown) {
    this.base = base;
    this.count = view.getUint32(12, true);
    this.segmentBytes = view.getFloat64(24, true);
    this.#parts = parts;
    if (!Array.isArray(table)) return;
    for (const row of table) {
      if (Array.isArray(row) && typeof row[0] === 'string') this.#sources.add(row[0]);
    }
  }

  /** The index in `bytes`, or nothing when they are not a whole index of this version. */
  static decode(base: number, bytes: Uint8Array<ArrayBuffer>): SegmentIndex | undefined {
    if (bytes.length < FIXED_BYTES) return undefined;
    const view = viewOf(bytes);
    if (view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== crc32(bytes.subarray(8)))
      return undefined;
    if (view.getUint32(8, true) !== VERSION) return undefined;
    const parts = partsOf(bytes.buffer, view.getUint32(12, true), view.getUint32(16, true));
    const table: unknown = JSON.parse(Buffer.from(bytes.subarray(parts.namesStart)).toString());
    return new SegmentIndex(base, view, parts, table);
  }

  /** Where to start reading so as to see `position` and all behind it; the segment's end when it lies behind. */
  offsetOf(position: number): number {
    const { positions, offsets } = this.#parts;
    return offsets[firstAtLeast(positions, position - this.base)] ?? this.segmentBytes;
  }

  /** Whether any record is of this source. */
  has(source: string): boolean {
    return this.#sources.has(source);
  }

  /** Where records start that may have this message ID: compare the ID itself. Few, and mostly none. */
  offsetsOfMessageId(messageId: string): readonly number[] {
    const hashes = hashMessageId(messageId);
    if (!mayContain(this.#parts.filter, hashes)) return [];
    const { ids, offsets } = this.#parts;
    const wanted = hashes[0] * NUMBER_SPACE;
    const found: number[] = [];
    for (let at = firstAtLeast(ids, wanted); at < this.count; at += 1) {
      const number = (ids[at] ?? 0) - wanted;
      if (number >= NUMBER_SPACE) break;
      found.push(offsets[number] ?? 0);
    }
    return found;
  }
}

/** A closed segment's index as it lies in the storage; nothing when it is missing or damaged. */
export function readIndex(storage: LogStorage, base: number): SegmentIndex | undefined {
  const name = indexName(base);
  const bytes = new Uint8Array(storage.size(name));
  storage.read(name, 0, bytes);
  storage.release(name);
  return SegmentIndex.decode(base, bytes);
}

/** Where in a sorted list the first number stands that is not below `wanted`; its length when there is none. */
function firstAtLeast(sorted: Uint32Array | Float64Array, wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface IndexParts {
  readonly offsets: Uint32Array;
  readonly positions: Uint32Array;
  readonly ids: Float64Array;
  readonly filter: Uint8Array;
  readonly grouped: Uint32Array;
  readonly namesStart: number;
}

function partsOf(buffer: ArrayBuffer, count: number, filterSize: number): IndexParts {
  const ids = FIXED_BYTES + count * 8;
  const filter = ids + count * 8;
  const grouped = filter + filterSize;
  return {
    offsets: new Uint32Array(buffer, FIXED_BYTES, count),
    positions: new Uint32Array(buffer, FIXED_BYTES + count * 4, count),
    ids: new Float64Array(buffer, ids, count),
    filter: new Uint8Array(buffer, filter, filterSize),
    grouped: new Uint32Array(buffer, grouped, count),
    namesStart: grouped + count * 4,
  };
}
