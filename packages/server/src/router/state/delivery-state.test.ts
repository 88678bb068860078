import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeliveryState } from './delivery-state.ts';
import { Exceptions } from './exceptions.ts';
import { MIGRATIONS } from './migrations.ts';
import type { ExceptionRow, LaneCommit, LaneProgress } from './rows.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'delivery-state-'));
  file = join(directory, 'delivery.sqlite');
});
afterEach(() => rmSync(directory, { recursive: true }));

const lane = { pipeline: 'p', partition: 0, replay: '' };
const progress: LaneProgress = {
  position: 9,
  startSequence: 2,
  sequence: 9,
  delivered: 3,
  filtered: new Map([['destination', 1]]),
  dead: 1,
  held: 1,
  repeats: 1,
};
const letter: ExceptionRow = {
  id: 1,
  state: 'dead',
  position: 5,
  sequence: 4,
  slot: 0,
  count: 1,
  messageId: 'm',
  orderKey: 'u',
  reason: 'HTTP 400',
  status: 400,
  answer: 'no',
  attempts: 1,
  at: 1,
  elapsedMs: 0,
  waitMs: 0,
  answered: [],
  event: new Uint8Array(Buffer.from('{}')),
};
const parked: ExceptionRow = {
  ...letter,
  id: 2,
  state: 'parked',
  position: 6,
  sequence: 5,
  elapsedMs: 7_000,
  waitMs: 25_000,
  answered: ['0', 'https://b.example/'],
  event: undefined,
};

/** Commits one lane's step. */
function commit(state: DeliveryState, change: Partial<LaneCommit> = {}): void {
  state.commit({ lanes: [{ lane, progress, saved: [], removed: [], ...change }], heads: [] });
}

test('position, counts and rows are there after reopening', () => {
  const state = new DeliveryState(file);
  expect(state.lane(lane)).toBeUndefined();
  commit(state, { saved: [letter, parked] });
  state.close();
  const again = new DeliveryState(file);
  expect(again.lane(lane)).toEqual(progress);
  expect(again.parked(lane)).toEqual([parked]);
  expect(new Exceptions(again.db).search({ pipeline: 'p' }, { first: 9 })).toEqual([{ ...letter, lane }]);
  expect(again.nextId()).toBe(3);
  again.close();
});

test('the file and those beside it are for their owner alone', () => {
  const state = new DeliveryState(file);
  commit(state, { saved: [letter] });
  const modes = readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
  expect(Object.fromEntries(modes)).toEqual({
    'delivery.sqlite': 0o600,
    'delivery.sqlite-shm': 0o600,
    'delivery.sqlite-wal': 0o600,
  });
  state.close();
});

test('a step is kept whole or not at all', () => {
  const state = new DeliveryState(file);
  const impossible = { ...letter, id: 2, at: Number.NaN };
  expect(() => commit(state, { saved: [letter, impossible] })).toThrow();
  expect([state.lane(lane), new Exceptions(state.db).ofMessage('m')]).toEqual([undefined, []]);
  commit(state);
  expect(state.lane(lane)).toEqual(progress);
  state.close();
});

describe('dead letters', () => {
  const letters = Array.from({ length: 10 }, (_, place) => ({
    ...letter,
    id: place + 1,
    sequence: place,
    messageId: `m${place}`,
    reason: place % 2 === 0 ? 'HTTP 400' : 'HTTP 422',
    at: place,
  }));

  function opened() {
    const state = new DeliveryState(file);
    commit(state, { progress: { ...progress, dead: 10 }, saved: letters });
    return { state, exceptions: new Exceptions(state.db) };
  }

  test('are found newest first, page by page, by reason, message id and time', () => {
    const { exceptions } = opened();
    const ids = (...[choice, page]: Parameters<Exceptions['search']>) =>
      exceptions.search(choice, page).map(({ id }) => id);
    expect(ids({ pipeline: 'p' }, { first: 3 })).toEqual([10, 9, 8]);
    expect(ids({ pipeline: 'p' }, { first: 3, before: 8 })).toEqual([7, 6, 5]);
    expect(ids({ pipeline: 'p', reason: 'HTTP 422', from: 3, until: 7 }, { first: 9 })).toEqual([6, 4]);
    expect(ids({ pipeline: 'p', messageId: 'm3' }, { first: 9 })).toEqual([4]);
    expect(ids({ pipeline: 'other' }, { first: 9 })).toEqual([]);
    expect(exceptions.reasons('p')).toEqual([
      { reason: 'HTTP 400', count: 5 },
      { reason: 'HTTP 422', count: 5 },
    ]);
  });

  test('are queued once, however often it is asked for, and counted as held instead of dead', () => {
    const { state, exceptions } = opened();
    const choice = { pipeline: 'p', reason: 'HTTP 400' };
    expect(exceptions.lanesOf(choice)).toEqual([lane]);
    expect([exceptions.queue(choice, lane), exceptions.queue(choice, lane)]).toEqual([5, 0]);
    expect(state.lane(lane)).toMatchObject({ dead: 5, held: progress.held + 5 });
    expect(exceptions.queued(lane, [1, 3], 9).map(({ id }) => id)).toEqual([5, 7, 9]);
  });

  test('are removed when they have been kept long enough, those that are on their way are not', () => {
    const { exceptions } = opened();
    exceptions.queue({ pipeline: 'p', ids: [1] }, lane);
    exceptions.trim(8);
    expect(exceptions.search({ pipeline: 'p' }, { first: 9 }).map(({ id }) => id)).toEqual([10, 9, 1]);
  });
});

test('a file of the first version is brought up to date with all that it holds', () => {
  const old = new DatabaseSync(file);
  old.exec(MIGRATIONS[0] ?? '');
  old.exec(`PRAGMA user_version = 1;
    INSERT INTO lanes VALUES ('p', 0, 9, 2, 8, 3, 2, 1);
    INSERT INTO dead_letters VALUES ('p', 0, 4, 5, 1, 'm', 'HTTP 400', 400, 1, 1, 'no', x'7b7d');`);
  old.close();
  const state = new DeliveryState(file);
  expect(state.lane(lane)).toEqual({
    ...progress,
    sequence: 8,
    filtered: new Map([['before rules were counted', 2]]),
    held: 0,
    repeats: 0,
  });
  expect(new Exceptions(state.db).search({ pipeline: 'p' }, { first: 9 })).toEqual([
    { ...letter, orderKey: undefined, lane },
  ]);
  state.close();
});

test('a file of the second version counts from now on, and goes on with what waits', () => {
  const old = new DatabaseSync(file);
  for (const migration of MIGRATIONS.slice(0, 2)) old.exec(migration);
  const row =
    "(2, 'p', '', 0, 'parked', 5, 6, 1, 'm', 'u', 'HTTP 503', 503, 'no', 1, 1, 7000, 25000, '[]', NULL)";
  old.exec(`PRAGMA user_version = 2; INSERT INTO exceptions VALUES ${row}`);
  old.close();
  const state = new DeliveryState(file);
  expect(state.parked(lane)).toMatchObject([{ id: 2, state: 'parked', slot: 0, waitMs: 25_000 }]);
  expect([state.counts.sums('s', 0, 1_000_000, 1), state.counts.sequences(0)]).toEqual([[], new Map()]);
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
