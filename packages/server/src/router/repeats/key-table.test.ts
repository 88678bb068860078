import { expect, test } from 'vitest';
import type { KeyChunk } from './key-step.ts';
import { KeyTable } from './key-table.ts';

const BASE = 1_800_000_000_000;
const KEY_BYTES = 16;
/** Keys that are alike in all but one part. */
const keyOf = (number: number) => ({ a: number % 2, b: -number, c: number });

test('a run is put together again from its chunks, each of which is small, and few when keys come one by one', () => {
  const table = new KeyTable(7, BASE);
  const rows = new Map<number, KeyChunk>();
  for (let number = 0; number < 1_000; number += 1) {
    table.add(keyOf(number), BASE + number - 500);
    const chunk = table.chunk();
    if (chunk === undefined) throw new Error('no chunk');
    expect(chunk.keys.length).toBeLessThanOrEqual(128 * KEY_BYTES);
    rows.set(chunk.first, { ...chunk, keys: chunk.keys.slice() });
    table.committed();
  }
  expect(rows.size).toBe(8);
  const again = KeyTable.of([...rows.values()]);
  expect(again).toMatchObject({ run: 7, base: BASE, count: 1_000, from: BASE - 500, to: BASE + 499 });
  expect(again.keys).toEqual(table.keys);
  for (let number = 0; number < 1_000; number += 1)
    expect(again.timeOf(keyOf(number))).toBe(BASE + number - 500);
  expect(again.timeOf(keyOf(1_000))).toBeNaN();
  expect(again.chunk()).toBeUndefined();
});

test('chunks that share keys add each of them once', () => {
  const table = new KeyTable(7, BASE);
  const chunks: KeyChunk[] = [];
  for (let number = 0; number < 1_000; number += 1) {
    table.add(keyOf(number), BASE);
    if (number % 200 !== 199) continue;
    const chunk = table.chunk();
    if (chunk !== undefined) chunks.push({ ...chunk, keys: chunk.keys.slice() });
    table.committed();
  }
  expect(chunks.map(({ first }) => first)).toEqual([0, 128, 384, 512, 768]);
  const again = KeyTable.of(chunks);
  expect(again.count).toBe(1_000);
  expect(again.keys).toEqual(table.keys);
});
