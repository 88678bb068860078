import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bodyOf } from './received-body.ts';

/** Bytes that lie anywhere in their memory, as those that come from a socket do. */
const placed = fc
  .tuple(fc.nat(7), fc.array(fc.oneof(fc.constantFrom(0x1f, 0x20, 0x7f, 0x80, 0xff), fc.nat(255))))
  .map(([offset, bytes]) => Buffer.from([...new Uint8Array(offset), ...bytes]).subarray(offset));

test('a control character is found wherever it stands, and nothing else is taken for one', () => {
  fc.assert(
    fc.property(placed, (bytes) => {
      expect(bodyOf(bytes).hasControls).toBe([...bytes].some((byte) => byte < 0x20));
    }),
    { numRuns: 2_000 },
  );
});

test('the text between two offsets is what the bytes spell, in ASCII and beyond', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, text) => {
      const bytes = Buffer.from(`${before}${text}.`);
      const start = Buffer.byteLength(before);
      expect(bodyOf(bytes).textOf(start, start + Buffer.byteLength(text))).toBe(Buffer.from(text).toString());
    }),
  );
});
