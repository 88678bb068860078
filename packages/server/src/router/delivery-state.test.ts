import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DeliveryState } from './delivery-state.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'delivery-state-'));
  file = join(directory, 'delivery.sqlite');
});
afterEach(() => rmSync(directory, { recursive: true }));

const lane = { pipeline: 'p', partition: 0 };
const progress = { position: 9, startSequence: 2, sequence: 7, delivered: 3, filtered: 1, dead: 1 };
const letter = {
  position: 5,
  sequence: 4,
  count: 1,
  messageId: 'm',
  reason: 'HTTP 400',
  status: 400,
  attempts: 1,
  at: 1,
  answer: 'no',
};

test('position, counts and dead letters are there after reopening', () => {
  const state = new DeliveryState(file);
  expect(state.lane(lane)).toBeUndefined();
  state.commit([{ lane, progress, deadLetters: [{ ...letter, event: Buffer.from('{}') }] }]);
  state.close();
  const again = new DeliveryState(file);
  expect(again.lane(lane)).toEqual(progress);
  expect(again.deadLetters(lane)).toEqual([letter]);
  again.close();
});

test('a step is kept whole or not at all', () => {
  const state = new DeliveryState(file);
  const impossible = { ...letter, at: Number.NaN };
  expect(() => state.commit([{ lane, progress, deadLetters: [letter, impossible] }])).toThrow();
  expect([state.lane(lane), state.deadLetters(lane)]).toEqual([undefined, []]);
  state.commit([{ lane, progress, deadLetters: [] }]);
  expect(state.lane(lane)).toEqual(progress);
  state.close();
});

test('a file that a newer version wrote is refused and left as it is', () => {
  const newer = new DatabaseSync(file);
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  expect(() => new DeliveryState(file)).toThrow('newer version');
  const untouched = new DatabaseSync(file);
  expect(untouched.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' });
  expect(untouched.prepare('PRAGMA user_version').get()).toEqual({ user_version: 99 });
  untouched.close();
});
