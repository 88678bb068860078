import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReadBatch, ReadOptions } from '../../log/event-log.ts';
import { MemoryLog } from '../memory-log.ts';
import { DELIVERED, HOOK, HOUR, live, PIPELINE, RETRY } from '../router.fixture.ts';
import type { Script } from '../scripted-sender.ts';
import { ROOM_BYTES, Room } from './room.ts';

describe('the room', () => {
  test('is never used beyond its size and one event a lane, and a lane that holds nothing may always take one', () => {
    const heaviest = ROOM_BYTES / 16;
    const step = fc.record({
      lane: fc.nat({ max: 4 }),
      weight: fc.nat({ max: heaviest }),
      gives: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const room = new Room(() => {});
        const lanes = Array.from({ length: 5 }, () => ({ share: room.share(), held: [0].slice(1) }));
        for (const { lane, weight, gives } of steps) {
          const { share, held } = lanes[lane] ?? { share: room.share(), held: [] };
          if (gives) share.giveBack(held.pop() ?? 0);
          else if (!share.isFull()) {
            share.take(weight);
            held.push(weight);
          } else expect(held).not.toEqual([]);
        }
        const used = lanes.flatMap(({ held }) => held).reduce((sum, weight) => sum + weight, 0);
        expect(used).toBeLessThanOrEqual(ROOM_BYTES + lanes.length * heaviest);
      }),
      { seed: 1 },
    );
  });

  test('tells those who wait once when its common half can be used again, not at every event', () => {
    let told = 0;
    const room = new Room(() => told++);
    const share = room.share();
    room.share();
    const event = ROOM_BYTES / 200;
    for (let held = 0; held < 100; held += 1) share.take(event);
    for (let settled = 0; settled < 20; settled += 1) {
      share.giveBack(event);
      share.take(event);
    }
    expect(told).toBe(0);
    for (let held = 100; held > 0; held -= 1) share.giveBack(event);
    expect(told).toBe(1);
  });
});

/** A log that counts its readers. */
class CountingLog extends MemoryLog {
  readers = 0;

  override read(options: ReadOptions): AsyncIterable<ReadBatch> {
    this.readers += 1;
    return super.read(options);
  }
}

/** 15 KB that take twenty times as much in memory. */
const EMPTY_OBJECTS = Array.from({ length: 5_000 }, () => ({}));
/** More than there is room for, whichever lane holds it. */
const COUNT = 150;
/** What all lanes hold of them at the most; each weighs over 300 KB. */
const HELD_MAX = ROOM_BYTES / 300_000;

/** So many of the worst events from each of these sources, all of different users. */
function worstLog(sources: readonly string[]): CountingLog {
  const log = new CountingLog();
  for (let number = 0; number < COUNT; number += 1) {
    for (const source of sources) {
      const [userId, messageId] = [`u${number}`, `${number}`];
      const event = { type: 'track', event: 'e', messageId, userId, properties: { a: EMPTY_OBJECTS } };
      log.accept(source, userId, messageId, {
        now: 0,
        bytes: JSON.stringify({ ...event, timestamp: '', receivedAt: '' }),
      });
    }
  }
  return log;
}

const url = (name: string) => `https://${name}.example.com/`;
const pipelinesOf = (names: readonly string[], source?: string) =>
  names.map((name) => ({ ...PIPELINE, id: name, source: source ?? name, connection: { urls: [url(name)] } }));

describe('large events', () => {
  test('whose receivers never answer are not all held in memory, and all get through afterwards', async () => {
    const sources = ['a', 'b', 'c'];
    let hang = true;
    const script: Script = () => ({ outcome: hang ? RETRY : DELIVERED, afterMs: hang ? 15_000 : 1 });
    const { clock, router } = live({ log: worstLog(sources), pipelines: pipelinesOf(sources), script });
    await clock.pass(60_000);
    const windows = router.snapshot().lanes.map(({ window }) => window);
    expect(Math.min(...windows)).toBeGreaterThan(0);
    expect(windows.reduce((sum, window) => sum + window)).toBeLessThan(HELD_MAX);
    hang = false;
    await clock.pass(HOUR);
    expect(router.snapshot().lanes).toMatchObject(
      sources.map(() => ({ delivered: COUNT, dead: 0, window: 0 })),
    );
  });

  test('that fill the room hold up no lane whose receiver answers, and nobody reads the log in vain', async () => {
    const down = Array.from({ length: 40 }, (_, number) => `down${number}`);
    const pipelines = [...pipelinesOf(down, 's'), PIPELINE];
    const script: Script = (attempt) => ({ outcome: attempt.url === HOOK ? DELIVERED : RETRY, afterMs: 1 });
    const log = worstLog(['s']);
    const { clock, router, sender } = live({ log, pipelines, script });
    // The log is read a few events a turn.
    for (let turns = 0; turns < 3_000; turns += 1) await clock.pass(1);
    const [held, healthy] = [router.snapshot().lanes.slice(0, 40), router.snapshot().lanes[40]];
    expect(healthy).toMatchObject({ delivered: COUNT, window: 0 });
    expect(held.reduce((sum, { window }) => sum + window, 0)).toBeLessThan(HELD_MAX);
    // It was held up a moment, until the others had left; then each event settled made room for the next.
    expect(sender.arrivals.findLast(({ url }) => url === HOOK)?.at).toBeLessThan(1_900);
    const { readers } = log;
    await clock.pass(20_000);
    expect(log.readers).toBe(readers);
  });

  test('to many receivers that are slow alike are read once for all lanes, which go on as soon as there is room', async () => {
    const names = Array.from({ length: 12 }, (_, number) => `p${number}`);
    const log = worstLog(['s']);
    const script: Script = () => ({ outcome: DELIVERED, afterMs: 20 });
    const { clock, router } = live({ log, pipelines: pipelinesOf(names, 's'), script });
    await clock.pass(1_000);
    expect(router.snapshot().lanes).toMatchObject(names.map(() => ({ delivered: COUNT, window: 0 })));
    expect(log.readers).toBe(1);
  });
});
