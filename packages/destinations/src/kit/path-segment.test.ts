import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pathSegment } from './path-segment.ts';

test('whatever the text, it stays one segment and is read back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
      fc.pre(text !== '.' && text !== '..');
      const segment = pathSegment(text) ?? '';
      expect(segment).toMatch(/^([\w.!~*'()-]|%[0-9A-F]{2})+$/);
      expect(decodeURIComponent(segment)).toBe(text);
    }),
  );
});

test.each([[''], ['.'], ['..']])('%j cannot be a segment', (text) => {
  expect(pathSegment(text)).toBeUndefined();
});
