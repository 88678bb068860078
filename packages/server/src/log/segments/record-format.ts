import { crc32 } from 'node:zlib';

/*
 * One record, little-endian:
 *
 *    0  u32  magic            8  u32  length of the whole record    16  u64  position      40  u16  bytes of source
 *    4  u32  checksum of     12  u32  checksum of everything        24  u64  sequence      42  u16  bytes of order key
 *            bytes 8–47              behind the header              32  f64  received at   44  u16  bytes of message ID
 *                                                                                          46  u8   kind, 47 u8 version
 *   48  source, order key, message ID, and the event's JSON
 *
 * Two checksums, so that the length can be trusted although the content is damaged: then only that record is lost.
 * If the header is damaged, the next one is found by its magic number. Nobody can plant a record inside an event:
 * a header holds zero bytes, and JSON text never does.
 */
export const MAGIC = 0xce7a_4d52;
export const HEADER_BYTES = 48;
/** Written into each record; a log with a higher one was made by a newer release and is left untouched. */
export const FORMAT_VERSION = 1;
/** Bounds what a damaged length can make us read: the largest request, and room for what is spliced in. */
const RECORD_BYTES_MAX = 64 * 1024 * 1024;

/** What a record is: an event, or a segment's opening, which lists the sequences given out before it. */
export const KIND = { event: 0, opening: 1 } as const;

/** The fields of a record's header. Sizes are in bytes. */
export interface RecordHeader {
  readonly length: number;
  readonly contentChecksum: number;
  readonly position: number;
  readonly sequence: number;
  readonly receivedAt: number;
  readonly sourceBytes: number;
  readonly orderKeyBytes: number;
  readonly messageIdBytes: number;
  readonly kind: number;
  readonly version: number;
}

const HIGH = 2 ** 32;

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function writeUint64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % HIGH, true);
  view.setUint32(offset + 4, Math.floor(value / HIGH), true);
}

function readUint64(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * HIGH;
}

/** The door's part of a header: all but the place in the log and the checksums, which `sealRecord` adds. */
export function draftHeader(
  view: DataView,
  offset: number,
  draft: Omit<RecordHeader, 'contentChecksum' | 'position' | 'sequence' | 'version'>,
): void {
  view.setUint32(offset, MAGIC, true);
  view.setUint32(offset + 8, draft.length, true);
  view.setFloat64(offset + 32, draft.receivedAt, true);
  view.setUint16(offset + 40, draft.sourceBytes, true);
  view.setUint16(offset + 42, draft.orderKeyBytes, true);
  view.setUint16(offset + 44, draft.messageIdBytes, true);
  view.setUint8(offset + 46, draft.kind);
  view.setUint8(offset + 47, FORMAT_VERSION);
}

/** Gives a drafted record its place, and the checksums that hold from then on. */
export function sealRecord(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  position: number,
  sequence: number,
): void {
  const length = view.getUint32(offset + 8, true);
  writeUint64(view, offset + 16, position);
  writeUint64(view, offset + 24, sequence);
  view.setUint32(offset + 12, crc32(bytes.subarray(offset + HEADER_BYTES, offset + length)), true);
  view.setUint32(offset + 4, crc32(bytes.subarray(offset + 8, offset + HEADER_BYTES)), true);
}

/** The header at `offset`, or nothing when the bytes there are not one. The caller has checked that 48 are there. */
export function readHeader(bytes: Uint8Array, view: DataView, offset: number): RecordHeader | undefined {
  if (view.getUint32(offset, true) !== MAGIC) return undefined;
  if (crc32(bytes.subarray(offset + 8, offset + HEADER_BYTES)) !== view.getUint32(offset + 4, true))
    return undefined;
  const length = view.getUint32(offset + 8, true);
  if (length < HEADER_BYTES || length > RECORD_BYTES_MAX) return undefined;
  return {
    length,
    contentChecksum: view.getUint32(offset + 12, true),
    position: readUint64(view, offset + 16),
    sequence: readUint64(view, offset + 24),
    receivedAt: view.getFloat64(offset + 32, true),
    sourceBytes: view.getUint16(offset + 40, true),
    orderKeyBytes: view.getUint16(offset + 42, true),
    messageIdBytes: view.getUint16(offset + 44, true),
    kind: view.getUint8(offset + 46),
    version: view.getUint8(offset + 47),
  };
}

/** Whether the record's content is the one that was written. */
export function contentIsWhole(bytes: Uint8Array, offset: number, header: RecordHeader): boolean {
  return crc32(bytes.subarray(offset + HEADER_BYTES, offset + header.length)) === header.contentChecksum;
}

/** A segment's opening: the last sequence of each source at that place, as one record. */
export function openingRecord(
  position: number,
  createdAt: number,
  sequences: ReadonlyMap<string, number>,
): Uint8Array {
  const content = Buffer.from(JSON.stringify([...sequences]));
  const bytes = new Uint8Array(HEADER_BYTES + content.length);
  bytes.set(content, HEADER_BYTES);
  const view = viewOf(bytes);
  const sizes = { sourceBytes: 0, orderKeyBytes: 0, messageIdBytes: 0 };
  draftHeader(view, 0, { length: bytes.length, receivedAt: createdAt, kind: KIND.opening, ...sizes });
  sealRecord(bytes, view, 0, position, 0);
  return bytes;
}

/** Reads an opening's content back. */
export function readOpening(content: Uint8Array): Map<string, number> {
  const pairs: unknown = JSON.parse(Buffer.from(content).toString());
  const sequences = new Map<string, number>();
  if (!Array.isArray(pairs)) throw new Error('A segment opening passed its checksum but is no list.');
  for (const pair of pairs) {
    if (Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'number')
      sequences.set(pair[0], pair[1]);
  }
  return sequences;
}
