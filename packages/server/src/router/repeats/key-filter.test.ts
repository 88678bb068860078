import { expect, test } from 'vitest';
import { seededRandom } from '../../platform/seeded-random.ts';
import { addToFilter, FilterBank, filterWords } from './key-filter.ts';
import type { Key } from './key-hash.ts';

const random = seededRandom(1);
const part = () => Math.floor(random() * 2 ** 32) | 0;
const newKeys = (count: number) =>
  Array.from({ length: count }, (): Key => ({ a: part(), b: part(), c: part() }));

function filterOf(keys: readonly Key[]): Int32Array {
  const filter = new Int32Array(filterWords(keys.length));
  for (const key of keys) addToFilter(filter, key);
  return filter;
}

/** Which owners a bank names for a key. */
function ownersOf(bank: FilterBank<number>, key: Key): (number | undefined)[] {
  const owners: (number | undefined)[] = [];
  for (let may = bank.ask(key); may !== 0; may &= may - 1) owners.push(bank.ownerOf(may));
  return owners;
}

test.each([1, 2, 16, 17, 1_000, 8_192])('of 32 filters over %i keys, none denies one of its own', (count) => {
  const all = Array.from({ length: 32 }, () => newKeys(count));
  const bank = new FilterBank<number>(filterWords(count));
  for (const [owner, keys] of all.entries()) expect(bank.add(owner, filterOf(keys))).toBe(true);
  for (const [owner, keys] of all.entries())
    for (const key of keys.slice(0, 100)) expect(ownersOf(bank, key)).toContain(owner);
});

test('a filter as full as that of a full run is wrong less than once in 400', () => {
  const bank = new FilterBank<number>(filterWords(8_192));
  for (let owner = 0; owner < 32; owner += 1) bank.add(owner, filterOf(newKeys(8_192)));
  const strangers = newKeys(20_000);
  const wrong = strangers.reduce((sum, key) => sum + ownersOf(bank, key).length, 0);
  expect(wrong / (strangers.length * 32)).toBeLessThan(1 / 400);
});

test('a filter that was removed leaves its place empty for the next one', () => {
  const keys = newKeys(1_000);
  const bank = new FilterBank<number>(filterWords(1_000));
  for (let owner = 0; owner < 32; owner += 1) bank.add(owner, filterOf(keys));
  expect(bank.add(32, filterOf(keys))).toBe(false);
  bank.remove(31);
  const others = newKeys(1_000);
  expect(bank.add(32, filterOf(others))).toBe(true);
  const mistaken = keys.filter((key) => ownersOf(bank, key).includes(32));
  expect(mistaken.length).toBeLessThan(20);
  for (let owner = 0; owner < 33; owner += 1) bank.remove(owner);
  expect(bank.isEmpty).toBe(true);
});

test('a bank takes filters of its own size only', () => {
  const bank = new FilterBank<number>(filterWords(1_000));
  expect(bank.add(1, new Int32Array(filterWords(100)))).toBe(false);
  expect(bank.isEmpty).toBe(true);
});
