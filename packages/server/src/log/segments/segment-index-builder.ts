import { crc32 } from 'node:zlib';
import { INDEX_MAGIC, INDEX_VERSION, layoutOf, SEGMENT_RECORDS_MAX } from './index-format.ts';
import { addToFilter, filterBytes, hashMessageId } from './message-id-filter.ts';
import { viewOf } from './record-format.ts';

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
    const layout = layoutOf(count, filterSize);
    const bytes = new Uint8Array(layout.names + names.length);
    const { buffer } = bytes;
    new Uint32Array(buffer, layout.offsets, count).set(this.#offsets);
    new Uint32Array(buffer, layout.positions, count).set(this.#positions);
    const ids = new Float64Array(buffer, layout.ids, count);
    const filter = bytes.subarray(layout.filter, layout.grouped);
    this.#hashes.forEach((hashes, number) => {
      ids[number] = hashes[0] * SEGMENT_RECORDS_MAX + number;
      addToFilter(filter, hashes);
    });
    ids.sort();
    new Uint32Array(buffer, layout.grouped, count).set(grouped);
    bytes.set(names, layout.names);
    const view = viewOf(bytes);
    view.setUint32(0, INDEX_MAGIC, true);
    view.setUint32(8, INDEX_VERSION, true);
    view.setUint32(12, count, true);
    view.setUint32(16, filterSize, true);
    view.setFloat64(24, segmentBytes, true);
    view.setUint32(4, crc32(bytes.subarray(8)), true);
    return bytes;
  }
}
