import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBytes, readDuration, readRetention, readWhole } from './quantity.ts';

describe('quantities', () => {
  test.each([
    ['15360', 15_360],
    ['15KB', 15_360],
    ['1.5 mb', 1_572_864],
    ['1GB', 1_073_741_824],
    ['', undefined],
    ['-1', undefined],
    ['1XB', undefined],
  ])('size %o', (text, bytes) => expect(readBytes(text)).toBe(bytes));

  test.each([
    ['30s', 30_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['7', undefined],
    ['7D', 604_800_000],
    ['7w', undefined],
  ])('duration %o', (text, ms) => expect(readDuration(text)).toBe(ms));

  test.each(['', '7d,8d', '1GB,2GB', '7d,20GB,1GB', '0d', 'soon'])('retention %o is refused', (text) => {
    expect(readRetention(text)).toBeUndefined();
  });

  test('whatever the text, reading gives a value in its range or none, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readWhole(text, 1, 9) ?? 1).toSatisfy((value: number) => value >= 1 && value <= 9);
        expect(readBytes(text) ?? 0).toBeGreaterThanOrEqual(0);
        expect(readDuration(text) ?? 0).toBeGreaterThanOrEqual(0);
        readRetention(text);
      }),
    );
  });
});
