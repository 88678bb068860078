/** Crockford's base 32. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;
/** The 80 bits that are random elsewhere are four parts here, each from its own hash of the name. */
const PARTS = 4;
const DIGITS_PER_PART = 4;

/**
 * A ULID that is the same for the same name and time (in whole milliseconds since 1970), so that a vendor who knows
 * the id of what it took already ignores the second delivery. Two names of one millisecond differ in 80 hashed bits.
 */
export function ulidOf(name: string, time: number): string {
  let text = '';
  for (let left = time, place = 0; place < TIME_DIGITS; place += 1, left = Math.floor(left / 32))
    text = DIGITS.charAt(left % 32) + text;
  for (let part = 0; part < PARTS; part += 1) {
    const bits = hash(name, part);
    for (let place = 0; place < DIGITS_PER_PART; place += 1)
      text += DIGITS.charAt((bits >>> (place * 5)) & 31);
  }
  return text;
}

/** A well-mixed 32-bit hash that differs from seed to seed. It spreads; it hides nothing. */
function hash(text: string, seed: number): number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  for (let at = 0; at < text.length; at += 1) {
    state = Math.imul(state ^ text.charCodeAt(at), 0x85ebca6b);
    state ^= state >>> 13;
  }
  state = Math.imul(state ^ (state >>> 16), 0xc2b2ae35);
  return state ^ (state >>> 15);
}
