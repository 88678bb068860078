import { crc32 } from 'node:zlib';
import type { LogStorage } from './log-storage.ts';
import { FORMAT_VERSION, HEADER_BYTES, openingRecord, viewOf } from './record-format.ts';

/** Adds a whole record, checksums and all, that claims to be of the next format. */
export function writeAsNewer(storage: LogStorage, segment: string): void {
  const record = openingRecord(1_000, 0, new Map());
  const view = viewOf(record);
  view.setUint8(47, FORMAT_VERSION + 1);
  view.setUint32(4, crc32(record.subarray(8, HEADER_BYTES)), true);
  storage.append(segment, record);
}
