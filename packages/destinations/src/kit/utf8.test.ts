import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Beginning, utf8Bytes, utf8Length } from './utf8.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });

test('the bytes of a text decode to the text again, and are as many as is said', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const bytes = utf8Bytes(text);
      const escaped = bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
      expect(decodeURIComponent(escaped)).toBe(text);
      expect(utf8Length(text)).toBe(bytes.length);
    }),
  );
});

test.each([
  ['\u007f', 1],
  ['\u0080', 2],
  ['\u07ff', 2],
  ['\u0800', 3],
  ['\uffff', 3],
  ['\u{10000}', 4],
])('%j has %i bytes', (character, bytes) => {
  expect([utf8Length(character), utf8Bytes(character).length]).toEqual([bytes, bytes]);
});

test('half of a surrogate pair is the replacement character', () => {
  expect(utf8Bytes('a\ud83d')).toEqual([0x61, 0xef, 0xbf, 0xbd]);
  expect(utf8Length('a\ud83d')).toBe(4);
});

test('a beginning has no more bytes than asked for, is as long as can be, and cuts no character', () => {
  fc.assert(
    fc.property(anyText, fc.nat(60), (text, bytesMax) => {
      const beginning = utf8Beginning(text, bytesMax);
      expect(text.startsWith(beginning)).toBe(true);
      expect(utf8Length(beginning)).toBeLessThanOrEqual(bytesMax);
      const [next = ''] = text.slice(beginning.length);
      expect(next === '' || utf8Length(beginning + next) > bytesMax).toBe(true);
    }),
  );
});
