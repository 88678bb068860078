import { expect, test } from 'vitest';
import { VirtualClock } from '../../platform/virtual-clock.ts';
import { Pace, piecesOf } from './pace.ts';

const NEVER = new AbortController().signal;

/** How many pieces of 100 events are let through in so many seconds by a thread that is as busy as this. */
async function letThrough(load: number, seconds: number): Promise<number> {
  const clock = new VirtualClock();
  const pace = new Pace(clock, () => load);
  let events = 0;
  const taker = async () => {
    for (;;) {
      await pace.turn(100, NEVER);
      events += 100;
    }
  };
  void taker();
  await clock.pass(seconds * 1_000);
  clock.stop();
  return events;
}

test('a thread with time to spare lets lanes catch up ever faster', async () => {
  const [first, third] = [await letThrough(0.3, 1), (await letThrough(0.3, 3)) - (await letThrough(0.3, 2))];
  expect(first).toBeGreaterThan(2_000);
  expect(third).toBeGreaterThan(4 * first);
});

test('a thread without time to spare lets through 2,000 events a second, and no more', async () => {
  const [one, two] = [await letThrough(0.99, 10), await letThrough(0.99, 11)];
  expect(two - one).toBeGreaterThanOrEqual(1_900);
  expect(two - one).toBeLessThanOrEqual(2_100);
});

test('many that catch up share what there is', async () => {
  const clock = new VirtualClock();
  const pace = new Pace(clock, () => 0.99);
  const taken = Array.from({ length: 10 }, () => 0);
  for (const lane of taken.keys()) {
    void (async () => {
      for (;;) {
        await pace.turn(100, NEVER);
        taken[lane] = (taken[lane] ?? 0) + 100;
      }
    })();
  }
  await clock.pass(10_000);
  clock.stop();
  expect(taken.reduce((sum, events) => sum + events, 0)).toBeLessThan(22_000);
  expect(Math.min(...taken)).toBeGreaterThan(1_000);
});

test('who is not wanted any more does not wait for a turn', async () => {
  const clock = new VirtualClock();
  const pace = new Pace(clock, () => 0.99);
  const aborter = new AbortController();
  await pace.turn(1_000_000, NEVER);
  let isOver = false;
  void pace.turn(100, aborter.signal).then(() => {
    isOver = true;
  });
  await clock.pass(1_000);
  expect(isOver).toBe(false);
  aborter.abort();
  await clock.pass(100);
  expect(isOver).toBe(true);
});

test('the pieces of a batch are all of it, each up to where the next one begins', () => {
  const record = (position: number) => ({
    ...{ position, source: 's', sequence: position, orderKey: 'k', messageId: `${position}`, receivedAt: 1 },
    bytes: new Uint8Array(),
  });
  const records = Array.from({ length: 250 }, (_, index) => record(index * 2));
  const pieces = [...piecesOf({ records, next: 600 })];
  expect(pieces.flatMap((piece) => piece.records)).toEqual(records);
  expect(pieces.map(({ next }) => next)).toEqual([200, 400, 600]);
  expect([...piecesOf({ records: [], next: 7 })]).toEqual([{ records: [], next: 7 }]);
});
