import { expect, test } from 'vitest';
import { KeyHash, SEED_BYTES } from './key-hash.ts';

const hash = new KeyHash(new Uint8Array(SEED_BYTES));
const IDS = 40_000;

test.each(['a', 'b', 'c'] as const)(
  'message ids that count up are spread evenly, in each bit of part %s',
  (part) => {
    const ones = new Array<number>(32).fill(0);
    const groups = new Array<number>(256).fill(0);
    for (let number = 0; number < IDS; number += 1) {
      const value = hash.keyOf('s', `order-${number}`)[part];
      for (let bit = 0; bit < 32; bit += 1) ones[bit] = (ones[bit] ?? 0) + ((value >>> bit) & 1);
      groups[value >>> 24] = (groups[value >>> 24] ?? 0) + 1;
    }
    // Six standard deviations.
    for (const count of ones) expect(Math.abs(count - IDS / 2)).toBeLessThan(3 * Math.sqrt(IDS));
    for (const count of groups) expect(Math.abs(count - IDS / 256)).toBeLessThan(6 * Math.sqrt(IDS / 256));
  },
);

test('one other bit of an id changes about half of the bits of its key', () => {
  for (const [one, other] of [
    ['0'.repeat(36), `1${'0'.repeat(35)}`],
    ['m0', 'm1'],
    ['', '\0'],
  ]) {
    const first = { ...hash.keyOf('s', one ?? '') };
    const second = hash.keyOf('s', other ?? '');
    const changed = [first.a ^ second.a, first.b ^ second.b, first.c ^ second.c];
    const bits = changed.reduce((sum, part) => sum + (part >>> 0).toString(2).replaceAll('0', '').length, 0);
    expect(Math.abs(bits - 48)).toBeLessThan(24);
  }
});

test('each data directory has keys of its own, and the same ones after a restart', () => {
  const seed = new Uint8Array(SEED_BYTES).fill(1);
  const key = { ...new KeyHash(seed).keyOf('s', 'm') };
  expect(new KeyHash(seed).keyOf('s', 'm')).toEqual(key);
  expect(hash.keyOf('s', 'm')).not.toEqual(key);
});

test('no two of 200,000 ids have the same key, as some would if only 32 bits of it were mixed', () => {
  const keys = new Set<string>();
  for (let number = 0; number < 200_000; number += 1) {
    const { a, b, c } = hash.keyOf('s', `order-${number}`);
    keys.add(`${a} ${b} ${c}`);
  }
  expect(keys.size).toBe(200_000);
});
