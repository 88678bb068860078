/** Bits per message ID: with seven probes, one look-up in about 120 finds an ID that is not there. */
const BITS_PER_ID = 10;
const PROBES = 7;

/**
 * Two independent 32-bit hashes of a message ID, mixed as in MurmurHash3's finalizer. Not for secrets: whoever
 * finds a hash still compares the ID itself.
 */
export function hashMessageId(messageId: string): readonly [number, number] {
  let one = 0x9e37_79b9;
  let two = 0x85eb_ca6b;
  for (let i = 0; i < messageId.length; i += 1) {
    const unit = messageId.charCodeAt(i);
    one = Math.imul(one ^ unit, 0x5bd1_e995);
    two = Math.imul(two ^ unit, 0x1b87_3593);
    one = (one << 13) | (one >>> 19);
    two = (two << 15) | (two >>> 17);
  }
  return [finish(one ^ messageId.length), finish(two ^ one)];
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Bytes of a filter for that many IDs, a multiple of eight. */
export function filterBytes(count: number): number {
  return Math.max(8, Math.ceil((count * BITS_PER_ID) / 64) * 8);
}

export function addToFilter(filter: Uint8Array, [one, two]: readonly [number, number]): void {
  const bits = filter.length * 8;
  for (let probe = 0; probe < PROBES; probe += 1) {
    const bit = (one + probe * two) % bits;
    filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
  }
}

/** False when the ID was surely never added to a filter of that many bytes, of which few are looked at. */
export function mayContain(
  bytes: number,
  byteAt: (at: number) => number,
  [one, two]: readonly [number, number],
): boolean {
  for (let probe = 0; probe < PROBES; probe += 1) {
    const bit = (one + probe * two) % (bytes * 8);
    if ((byteAt(bit >>> 3) & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}
