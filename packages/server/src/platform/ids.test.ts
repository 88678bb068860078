import { expect, test } from 'vitest';
import { newId } from './ids.ts';

const IDS = Array.from({ length: 10_000 }, newId);

test('an id has 21 characters, none of which looks like another', () => {
  for (const id of IDS) expect(id).toMatch(/^[2-9A-HJ-NP-TW-Za-km-z]{21}$/);
});

test('no two of 10,000 ids are the same', () => {
  expect(new Set(IDS).size).toBe(IDS.length);
});

test('no character is more likely than another', () => {
  const counts = Map.groupBy(IDS.join(''), (character) => character);
  const expected = (IDS.length * 21) / counts.size;
  expect(counts.size).toBe(55);
  // A count strays by about 61 from 3,818; one that is taken for two characters would stray by thousands.
  for (const [character, { length }] of counts)
    expect(Math.abs(length - expected), character).toBeLessThan(400);
});
