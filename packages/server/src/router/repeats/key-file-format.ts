import { crc32 } from 'node:zlib';
import { addToFilter, filterWords } from './key-filter.ts';
import { KEY_BYTES, KEY_WORDS, type KeyTable, RUN_KEYS_MAX } from './key-table.ts';

/*
 * The file of a run, in the byte order of the machine, which its magic number shows:
 *
 *   i32 magic · i32 checksum of the head behind it · i32 version · i32 count · i32 group bits · i32 filter numbers ·
 *   f64 base · i32 first and i32 last time, as distances from the base
 *   i32 × (groups + 1)   the number of each group's first key
 *   i32 × groups         checksum of each group
 *   i32 × filter numbers a bloom filter over all keys
 *                        up to here: the head
 *   i32 × 4 × count      the keys, grouped by the highest bits of their first number: each one's three numbers and its
 *                        time, as its distance from the base
 *
 * Keys are even by nature: a group has about 64 of them, and a look-up reads one.
 */
const MAGIC = 0x4b65_7973;
const VERSION = 1;
const GROUP_KEYS = 64;

/** Bytes in front of the head's tables. */
export const FIXED_BYTES = 40;
const FIXED_WORDS = FIXED_BYTES / 4;
const MAGIC_AT = 0;
const CHECKSUM_AT = 1;
const VERSION_AT = 2;
const COUNT_AT = 3;
const GROUP_BITS_AT = 4;
const FILTER_WORDS_AT = 5;
const BASE_AT = 3; // In numbers of 64 bits.
const FROM_AT = 8;
const TO_AT = 9;
const CHECKED_FROM_BYTES = 8;

/** The file is not what was once written. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
}

/** A file's head, without its keys. All of it stays in memory. */
export interface FileHead {
  readonly bytes: number;
  readonly count: number;
  readonly base: number;
  /** When the first and the last of the keys came, by their times and in milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly groupBits: number;
  /** Where each group starts, and behind the last one the count. */
  readonly starts: Int32Array;
  readonly checksums: Int32Array;
  readonly filter: Int32Array<ArrayBuffer>;
}

/** How many bytes the whole head has, by its first `FIXED_BYTES`. Throws `DamagedFile` when that cannot be known. */
export function headBytes(fixed: Int32Array): number {
  const bits = fixed[GROUP_BITS_AT] ?? 0;
  const filter = fixed[FILTER_WORDS_AT] ?? 0;
  const count = fixed[COUNT_AT] ?? 0;
  const isOurs = fixed[MAGIC_AT] === MAGIC && fixed[VERSION_AT] === VERSION;
  // The checksum is known only when all is read: until then no size may be absurd.
  if (
    !isOurs ||
    count < 1 ||
    count > RUN_KEYS_MAX ||
    bits !== groupBitsOf(count) ||
    filter !== filterWords(count)
  )
    throw new DamagedFile('its head is no head of this version');
  return FIXED_BYTES + (2 * 2 ** bits + 1 + filter) * 4;
}

/** The head in these bytes. Throws `DamagedFile` when they are not as they were written. */
export function decodeHead(buffer: ArrayBuffer): FileHead {
  const words = new Int32Array(buffer);
  if (words[CHECKSUM_AT] !== (crc32(new Uint8Array(buffer, CHECKED_FROM_BYTES)) | 0))
    throw new DamagedFile('its head has another checksum');
  const base = new Float64Array(buffer, 0, BASE_AT + 1)[BASE_AT] ?? 0;
  const groupBits = words[GROUP_BITS_AT] ?? 0;
  return {
    ...tablesOf(words, groupBits),
    bytes: buffer.byteLength,
    count: words[COUNT_AT] ?? 0,
    base,
    from: base + (words[FROM_AT] ?? 0),
    to: base + (words[TO_AT] ?? 0),
    groupBits,
  };
}

/** The group in which a key lies, if anywhere, by its first number. */
export function groupOf(a: number, groupBits: number): number {
  return a >>> (32 - groupBits);
}

/** A whole file for a run that has at least one key. */
export function encodeKeyFile(table: KeyTable): Uint8Array<ArrayBuffer> {
  const { count, keys, base, from, to } = table;
  const groupBits = groupBitsOf(count);
  const filterSize = filterWords(count);
  const headSize = FIXED_WORDS + 2 * 2 ** groupBits + 1 + filterSize;
  const buffer = new ArrayBuffer(headSize * 4 + count * KEY_BYTES);
  const head = new Int32Array(buffer, 0, headSize);
  const { starts, checksums, filter } = tablesOf(head, groupBits);
  const grouped = new Int32Array(buffer, headSize * 4);
  group(keys, grouped, starts, groupBits);
  fill(filter, keys);
  for (let number = 0; number < checksums.length; number += 1) {
    const keysOfGroup = grouped.subarray(
      (starts[number] ?? 0) * KEY_WORDS,
      (starts[number + 1] ?? 0) * KEY_WORDS,
    );
    checksums[number] = crc32(keysOfGroup);
  }
  head[MAGIC_AT] = MAGIC;
  head[VERSION_AT] = VERSION;
  head[COUNT_AT] = count;
  head[GROUP_BITS_AT] = groupBits;
  head[FILTER_WORDS_AT] = filterSize;
  new Float64Array(buffer, 0, BASE_AT + 1)[BASE_AT] = base;
  head[FROM_AT] = from - base;
  head[TO_AT] = to - base;
  head[CHECKSUM_AT] = crc32(new Uint8Array(buffer, CHECKED_FROM_BYTES, headSize * 4 - CHECKED_FROM_BYTES));
  return new Uint8Array(buffer);
}

/** Puts keys into their groups, and fills in where each group starts. */
function group(keys: Int32Array, grouped: Int32Array, starts: Int32Array, groupBits: number): void {
  for (let at = 0; at < keys.length; at += KEY_WORDS) {
    const behind = groupOf(keys[at] ?? 0, groupBits) + 1;
    starts[behind] = (starts[behind] ?? 0) + 1;
  }
  for (let number = 1; number < starts.length; number += 1)
    starts[number] = (starts[number] ?? 0) + (starts[number - 1] ?? 0);
  const places = starts.slice();
  for (let at = 0; at < keys.length; at += KEY_WORDS) {
    const number = groupOf(keys[at] ?? 0, groupBits);
    const place = places[number] ?? 0;
    places[number] = place + 1;
    for (let word = 0; word < KEY_WORDS; word += 1) grouped[place * KEY_WORDS + word] = keys[at + word] ?? 0;
  }
}

function fill(filter: Int32Array, keys: Int32Array): void {
  const key = { a: 0, b: 0, c: 0 };
  for (let at = 0; at < keys.length; at += KEY_WORDS) {
    key.a = keys[at] ?? 0;
    key.b = keys[at + 1] ?? 0;
    key.c = keys[at + 2] ?? 0;
    addToFilter(filter, key);
  }
}

/** At least one bit: a shift by all 32 would be one by none. */
function groupBitsOf(count: number): number {
  return Math.max(1, Math.ceil(Math.log2(count / GROUP_KEYS)));
}

function tablesOf(
  head: Int32Array<ArrayBuffer>,
  groupBits: number,
): Pick<FileHead, 'starts' | 'checksums' | 'filter'> {
  const groups = 2 ** groupBits;
  const checksumsAt = FIXED_WORDS + groups + 1;
  return {
    starts: head.subarray(FIXED_WORDS, checksumsAt),
    checksums: head.subarray(checksumsAt, checksumsAt + groups),
    filter: head.subarray(checksumsAt + groups),
  };
}
