import { expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { type DoorCount, DoorCounts } from './door-counts.ts';
import { HOUR_MS } from './hours.ts';

const MINUTE_MS = 60_000;
/** Half a minute before an hour ends. */
const START = 1_000 * HOUR_MS - 30_000;

function begun() {
  const clock = new VirtualClock(START);
  const kept: DoorCount[] = [];
  const state = { isFull: false, asked: 0 };
  const counts = new DoorCounts({
    clock,
    keep: async (given) => {
      state.asked += 1;
      if (state.isFull) throw new Error('the disk is full');
      kept.push(...given);
    },
  });
  return { clock, kept, state, counts };
}

test('what was counted is handed over after a minute: by hour, source, and type or reason', async () => {
  const { clock, kept, counts } = begun();
  counts.accepted('s', 'track', 3);
  counts.accepted('s', 'page', 2);
  counts.accepted('s', 'track', 4);
  counts.rejected('s', 'invalid_event', 1);
  counts.rejected(undefined, 'invalid_write_key', 1);
  await clock.pass(30_000);
  counts.accepted('s', 'track', 5);
  counts.accepted('t', 'custom', 1);
  expect(kept).toEqual([]);
  await clock.pass(30_000);
  expect(kept).toEqual([
    { source: 's', hour: 999, type: 'track', count: 7 },
    { source: 's', hour: 999, type: 'page', count: 2 },
    { source: 's', hour: 999, reason: 'invalid_event', count: 1 },
    { source: 's', hour: 1_000, type: 'track', count: 5 },
    { source: 't', hour: 1_000, type: 'custom', count: 1 },
  ]);
});

test('an idle door asks nothing', async () => {
  const { clock, state, counts } = begun();
  await clock.pass(10 * MINUTE_MS);
  expect(state.asked).toBe(0);
  counts.accepted('s', 'track', 1);
  await clock.pass(10 * MINUTE_MS);
  expect(state.asked).toBe(1);
});

test('what cannot be kept is kept later, once', async () => {
  const { clock, kept, state, counts } = begun();
  state.isFull = true;
  counts.accepted('s', 'track', 1);
  await clock.pass(3 * MINUTE_MS);
  counts.accepted('s', 'track', 2);
  state.isFull = false;
  await clock.pass(2 * MINUTE_MS);
  const sum = kept.reduce((all, { count }) => all + count, 0);
  expect([sum, kept.length]).toEqual([3, 2]);
});

test('it is handed over at once when somebody asks, and for the last time when the process stops', async () => {
  const { clock, kept, state, counts } = begun();
  counts.accepted('s', 'track', 1);
  await counts.handOver();
  expect(kept.length).toBe(1);
  counts.accepted('s', 'track', 1);
  await counts.stop();
  expect(kept.length).toBe(2);
  counts.accepted('s', 'track', 1);
  await clock.pass(10 * MINUTE_MS);
  expect(state.asked).toBe(2);
});
