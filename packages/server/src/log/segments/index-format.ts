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
export const INDEX_MAGIC = 0xce7a_4958;
export const INDEX_VERSION = 1;
/** Bytes before the lists. */
export const FIXED_BYTES = 32;
/**
 * How many records a segment may hold, so that a hash, multiplied with it, and a record number fit one double exactly.
 */
export const SEGMENT_RECORDS_MAX = 2 ** 20;

/** Where each part of an index starts, in bytes. */
export interface IndexLayout {
  readonly offsets: number;
  readonly positions: number;
  readonly ids: number;
  readonly filter: number;
  readonly grouped: number;
  readonly names: number;
}

/** The layout of an index over `count` records. */
export function layoutOf(count: number, filterBytes: number): IndexLayout {
  const positions = FIXED_BYTES + count * 4;
  const ids = positions + count * 4;
  const filter = ids + count * 8;
  const grouped = filter + filterBytes;
  return { offsets: FIXED_BYTES, positions, ids, filter, grouped, names: grouped + count * 4 };
}
