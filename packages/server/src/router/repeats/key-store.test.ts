import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { KeyStore, REPEATS_SCHEMA } from './key-store.ts';

function open() {
  const db = new DatabaseSync(':memory:');
  db.exec(REPEATS_SCHEMA);
  return { db, store: new KeyStore(db) };
}

const bytes = (...values: number[]) => Uint8Array.from(values);

test('what is saved is loaded, each partition by itself, chunks in the order of their keys', () => {
  const { store } = open();
  expect(store.load(0)).toEqual({ seed: undefined, chunks: [], filed: [] });
  const one = { run: 4, base: 1_800_000_000_000, first: 128, keys: bytes(1, 2) };
  const two = { run: 4, base: 1_800_000_000_000, first: 0, keys: bytes(3) };
  store.save(0, { seed: bytes(7), chunks: [one, two], runs: { filed: [3, 1], unfiled: [4] } });
  expect(store.load(0)).toEqual({ seed: bytes(7), chunks: [two, one], filed: [1, 3] });
  expect(store.load(1)).toEqual({ seed: undefined, chunks: [], filed: [] });
});

test('a chunk replaces the one that begins where it does', () => {
  const { store } = open();
  const chunk = { run: 1, base: 5, first: 0, keys: bytes(1) };
  store.save(0, { chunks: [chunk] });
  store.save(0, { chunks: [{ ...chunk, keys: bytes(1, 2) }] });
  expect(store.load(0).chunks).toEqual([{ ...chunk, keys: bytes(1, 2) }]);
});

test('chunks go with the run that they belong to, and with no other', () => {
  const { store } = open();
  const chunk = (run: number) => ({ run, base: 5, first: 0, keys: bytes(run) });
  store.save(0, { chunks: [chunk(1), chunk(2), chunk(3)] });
  store.save(1, { chunks: [chunk(1)] });
  store.save(0, { chunks: [], runs: { filed: [1], unfiled: [2, 3] } });
  expect(store.load(0)).toMatchObject({ filed: [1], chunks: [chunk(2), chunk(3)] });
  expect(store.load(1)).toMatchObject({ filed: [], chunks: [chunk(1)] });
});

test('without a commit of the transaction nothing is kept', () => {
  const { db, store } = open();
  db.exec('BEGIN');
  store.save(0, { seed: bytes(1), chunks: [{ run: 1, base: 5, first: 0, keys: bytes(1) }] });
  db.exec('ROLLBACK');
  expect(store.load(0)).toEqual({ seed: undefined, chunks: [], filed: [] });
});
