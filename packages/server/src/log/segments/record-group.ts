import type { NewRecord } from '../event-log.ts';
import { draftHeader, HEADER_BYTES, KIND, viewOf } from './record-format.ts';

const FIRST_BYTES = 256 * 1024;
/** UTF-8 needs at most three bytes for one UTF-16 unit. */
const UTF8_BYTES_PER_UNIT = 3;
/** Longer order keys are cut: their length is a u16, and users who share that long a start may share a queue. */
const ORDER_KEY_UNITS_MAX = 512;

/** Records laid out as they will lie in the log, waiting to be committed together. */
export class RecordGroup {
  #bytes: Buffer;
  #view: DataView;
  #used = 0;
  #count = 0;

  constructor(buffer: ArrayBuffer = new ArrayBuffer(FIRST_BYTES)) {
    this.#bytes = Buffer.from(buffer);
    this.#view = viewOf(this.#bytes);
  }

  get count(): number {
    return this.#count;
  }

  get used(): number {
    return this.#used;
  }

  /** The memory behind the group, to be handed to the writer thread whole. */
  get buffer(): ArrayBuffer {
    const { buffer } = this.#bytes;
    if (buffer instanceof ArrayBuffer) return buffer;
    throw new Error('A group is always built on memory that can be handed over.');
  }

  /** The records, back to back. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  add(record: NewRecord): void {
    const start = this.#used;
    this.#reserve(largest(record));
    const bytes = this.#bytes;
    let end = start + HEADER_BYTES;
    const { source, messageId } = record;
    const orderKey = record.orderKey.slice(0, ORDER_KEY_UNITS_MAX);
    // One write for all three: each costs more than the bytes that it writes.
    const written = bytes.write(source + orderKey + messageId, end);
    const sourceBytes = Buffer.byteLength(source);
    const messageIdBytes = Buffer.byteLength(messageId);
    const orderKeyBytes = written - sourceBytes - messageIdBytes;
    end += written;
    for (const piece of record.pieces) {
      if (typeof piece === 'string') {
        end += bytes.write(piece, end);
      } else {
        bytes.set(piece, end);
        end += piece.length;
      }
    }
    const { receivedAt } = record;
    const sizes = { sourceBytes, orderKeyBytes, messageIdBytes };
    draftHeader(this.#view, start, { length: end - start, receivedAt, kind: KIND.event, ...sizes });
    this.#used = end;
    this.#count += 1;
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.from(new ArrayBuffer(Math.max(needed, this.#bytes.length * 2)));
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

function largest(record: NewRecord): number {
  let units = record.source.length + record.orderKey.length + record.messageId.length;
  let bytes = HEADER_BYTES;
  for (const piece of record.pieces) {
    if (typeof piece === 'string') units += piece.length;
    else bytes += piece.length;
  }
  return bytes + units * UTF8_BYTES_PER_UNIT;
}
