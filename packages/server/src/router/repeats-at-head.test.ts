import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FaultyStorage } from '../log/segments/faulty-storage.ts';
import { MemoryLog } from './memory-log.ts';
import { DELIVERED, HOUR, live, MISCONFIGURED, PIPELINE, stateFile, stored } from './router.fixture.ts';
import type { Script } from './scripted-sender.ts';

type Life = ReturnType<typeof live>;

const NOON = 1_772_355_600_000;
const DAY = 24 * HOUR;
const SECOND_SOURCE = { ...PIPELINE, id: 'q', source: 'other' };

/** A life that begins where the log does, with records as they come. */
function begun(more: Partial<Parameters<typeof live>[0]> = {}) {
  const log = new MemoryLog();
  return { log, life: live({ log, ...more }) };
}

const repeatsOf = ({ router }: Life, source = 's') => router.snapshot().repeats.get(source) ?? 0;

test('an event that comes again within 24 hours is delivered once; to the millisecond, and counted by when the first came', async () => {
  const { log, life } = begun();
  const times = [0, 1, DAY - 1, DAY, DAY + 1, 2 * DAY - 1, 2 * DAY];
  for (const time of times) {
    log.accept('s', 'u', 'm', { now: NOON + time });
    await life.clock.pass(1_000);
  }
  expect(life.sender.arrivals.map(({ messageId }) => messageId)).toEqual(['m', 'm', 'm']);
  expect(life.ledger()).toMatchObject({ delivered: 3, repeats: 4, sequence: 7, window: 0 });
  expect(repeatsOf(life)).toBe(4);
});

test('the same id from another source is another event', async () => {
  const { log, life } = begun({ pipelines: [PIPELINE, SECOND_SOURCE] });
  for (const source of ['s', 'other', 's', 'other']) log.accept(source, 'u', 'm', { now: NOON });
  await life.clock.pass(1_000);
  expect(life.sender.arrivals.map(({ idempotencyKey }) => idempotencyKey).toSorted()).toEqual(['p:m', 'q:m']);
  expect([repeatsOf(life), repeatsOf(life, 'other')]).toEqual([1, 1]);
});

test('the first one wins, whatever the later one says', async () => {
  const { log, life } = begun();
  const event = { type: 'track', messageId: 'm', userId: 'u', timestamp: '', receivedAt: '' };
  for (const name of ['first', 'second'])
    log.accept('s', 'u', 'm', { now: NOON, bytes: JSON.stringify({ ...event, event: name }) });
  await life.clock.pass(1_000);
  expect(life.sender.arrivals.map(({ body }) => body.toString().includes('"first"'))).toEqual([true]);
});

test('a lane that lags, one that is switched off for a while and one that comes later leave out the same records', async () => {
  const off = { ...PIPELINE, id: 'off', enabled: false };
  const slow = { ...PIPELINE, id: 'slow', connection: { urls: ['https://slow.example.com/'] } };
  const late = { ...PIPELINE, id: 'late' };
  let isRefused = true;
  const script: Script = ({ url }) => ({
    outcome: isRefused && url.includes('slow') ? MISCONFIGURED : DELIVERED,
    afterMs: 1,
  });
  const { log, life } = begun({ pipelines: [PIPELINE, off, slow], script });
  const add = async (count: number) => {
    for (let added = 0; added < count; added += 1) {
      log.accept('s', `u${added % 7}`, `${log.head() % 2_000}`, { now: NOON });
      if (added % 7 === 0) await life.clock.pass(1);
    }
    await life.clock.pass(1_000);
  };
  await add(12_000);
  const applied = life.router.apply([PIPELINE, off, slow, late]);
  await life.clock.pass(10);
  await applied;
  await add(500);
  isRefused = false;
  const again = life.router.apply([PIPELINE, { ...off, enabled: true }, slow, late]);
  await life.clock.pass(100_000);
  await again;
  for (let turns = 0; turns < 3_000; turns += 1) await life.clock.pass(1);
  const rows = life.router.snapshot().lanes.map(({ pipeline, delivered, repeats, repeatsAhead, window }) => ({
    pipeline,
    delivered,
    repeats,
    left: repeatsAhead + window,
  }));
  const all = { delivered: 2_000, repeats: 10_500, left: 0 };
  expect(rows).toEqual([
    { pipeline: 'p', ...all },
    { pipeline: 'off', ...all },
    { pipeline: 'slow', ...all },
    { pipeline: 'late', delivered: 0, repeats: 500, left: 0 },
  ]);
}, 30_000);

test('repeats are no accepted events, at any moment and for a pipeline that is switched off, too', async () => {
  const off = { ...PIPELINE, id: 'off', enabled: false };
  const { log, life } = begun({ pipelines: [PIPELINE, off] });
  const accepted = () =>
    life.router
      .snapshot()
      .lanes.map(({ sequence, startSequence, repeats, repeatsAhead }) =>
        sequence === startSequence
          ? log.head() - repeatsAhead
          : sequence - startSequence - repeats - repeatsAhead,
      );
  for (let place = 0; place < 50; place += 1) {
    log.accept('s', 'u', `${place % 10}`, { now: NOON });
    await life.clock.pass(1);
    expect(accepted()).toEqual([Math.min(place + 1, 10), Math.min(place + 1, 10)]);
  }
});

test('what repeats is decided the same through crashes at any time', async () => {
  const record = fc.record({ id: fc.nat({ max: 5 }), afterMs: fc.nat({ max: 9 * HOUR }) });
  const crashes = fc.array(fc.nat({ max: 400 }), { maxLength: 5 });
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 40 }), crashes, async (records, lives) => {
      runs += 1;
      const file = `${stateFile()}-${runs}`;
      const log = new MemoryLog();
      const repeats = new FaultyStorage(() => 0);
      const wanted = new Map<string, number>();
      const routed: number[] = [];
      let now = NOON;
      live({ log, file, repeats, start: { position: 0, sequences: new Map() } });
      for (const { id, afterMs } of records) {
        now += afterMs;
        const last = wanted.get(`${id}`);
        if (last === undefined || now - last >= DAY) {
          wanted.set(`${id}`, now);
          routed.push(log.head());
        }
        log.accept('s', 'u', `${id}`, { now });
      }
      const delivered = new Set<number>();
      // Longer than a commit takes, so that a crash finds lanes behind what is decided.
      const script: Script = () => ({ outcome: DELIVERED, afterMs: 130 });
      for (const ms of [...lives, 10_000]) {
        const { clock, sender, ledger } = live({ log, file, repeats, script });
        await clock.pass(ms);
        expect(ledger().repeats).toBeLessThanOrEqual(records.length - routed.length);
        for (const { messageId } of sender.arrivals) delivered.add(Number(messageId));
        if (ms === 10_000)
          expect(ledger()).toMatchObject({
            delivered: routed.length,
            repeats: records.length - routed.length,
          });
      }
      expect(stored(file).progress).toMatchObject({ delivered: routed.length });
      expect(delivered).toEqual(new Set([...wanted.keys()].map(Number)));
    }),
    { seed: 1, numRuns: 60 },
  );
}, 30_000);
