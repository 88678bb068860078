import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WINDOW_MAX } from './lane/window.ts';
import { MemoryLog } from './memory-log.ts';
import {
  DELIVERED,
  fail,
  HOOK,
  HOUR,
  live,
  logOf,
  MISCONFIGURED,
  PIPELINE,
  REJECTED,
  RETRY,
  stateFile,
  stored,
  users,
} from './router.fixture.ts';
import type { Script } from './scripted-sender.ts';

test('every event is delivered once, and the position and the counts say so', async () => {
  const { clock, sender, ledger } = live({ log: logOf(['a', 'b', 'a', 'c']) });
  await clock.pass(1_000);
  expect([...sender.delivered()].sort()).toEqual(['0', '1', '2', '3']);
  expect(ledger()).toMatchObject({
    startSequence: 0,
    sequence: 4,
    delivered: 4,
    filtered: 0,
    dead: 0,
    window: 0,
    held: 0,
  });
  expect(stored().progress).toEqual({
    position: 4,
    startSequence: 0,
    sequence: 4,
    delivered: 4,
    filtered: new Map(),
    dead: 0,
    held: 0,
    repeats: 0,
  });
});

test('a failing user holds back only that user, in order', async () => {
  const log = logOf(['a', 'a', 'b', 'b', 'a']);
  let broken = true;
  const script: Script = ({ user }) => ({ outcome: broken && user === 'a' ? RETRY : DELIVERED, afterMs: 1 });
  const { clock, sender, ledger } = live({ log, script });
  await clock.pass(4_000);
  expect(sender.delivered()).toEqual(['2', '3']);
  expect(ledger()).toMatchObject({ window: 0, held: 3, delivered: 2 });
  expect(stored().progress).toMatchObject({ position: 5, delivered: 2, held: 3 });
  broken = false;
  await clock.pass(10_000);
  expect(sender.delivered()).toEqual(['2', '3', '0', '1', '4']);
});

test('a retry goes only to the URLs that have not answered with success, with the same idempotency key', async () => {
  const urls = [1, 2, 3].map((number) => `https://${number}.example.com/`);
  let tries = 0;
  const script: Script = ({ url }) => {
    if (url === urls[1]) tries += 1;
    return { outcome: url === urls[1] && tries < 3 ? RETRY : DELIVERED, afterMs: 1 };
  };
  const pipelines = [{ ...PIPELINE, connection: { urls } }];
  const { clock, sender, ledger } = live({ log: logOf(['a']), script, pipelines });
  await clock.pass(HOUR);
  expect(sender.arrivals.map(({ url }) => url)).toEqual([...urls, urls[1], urls[1]]);
  expect(new Set(sender.arrivals.map(({ idempotencyKey }) => idempotencyKey))).toEqual(new Set(['p:0']));
  expect(ledger()).toMatchObject({ delivered: 1, window: 0 });
});

test('an event that is refused becomes a dead letter with its reason, and its user goes on', async () => {
  const secret = 'sesame-sesame-sesame';
  const pipelines = [{ ...PIPELINE, connection: { urls: [HOOK], headers: { 'X-Key': secret } } }];
  const script: Script = ({ messageId }) => ({
    outcome: messageId === '0' ? REJECTED : DELIVERED,
    afterMs: 1,
  });
  const { clock, sender, ledger } = live({ log: logOf(['a', 'a']), script, pipelines });
  await clock.pass(1_000);
  expect(sender.delivered()).toEqual(['1']);
  expect(ledger()).toMatchObject({ delivered: 1, dead: 1, window: 0 });
  const [letter] = stored().deadLetters;
  expect(letter).toMatchObject({ position: 0, messageId: '0', reason: 'HTTP 400', status: 400, attempts: 1 });
  expect(letter?.answer).toBe('bad key [secret]!');
});

test('an attempt that cannot be concluded ends the router, loudly, and the next one concludes it: nothing hangs or is lost', async () => {
  const log = logOf(users(20));
  const script: Script = ({ messageId }) => ({
    outcome: messageId === '7' ? REJECTED : DELIVERED,
    afterMs: 1,
  });
  const bug = new Error('no line can be written');
  const report = () => {
    throw bug;
  };
  const first = live({ log, script, report });
  await first.clock.pass(60_000);
  expect([first.bugs, first.failures, first.clock.waiting]).toEqual([[bug], [], 0]);
  const { clock, ledger, bugs } = live({ log, script });
  await clock.pass(60_000);
  expect(ledger()).toMatchObject({ delivered: 19, dead: 1, window: 0, held: 0 });
  expect(bugs).toEqual([]);
});

test('an event that fails for 24 hours becomes a dead letter', async () => {
  const { clock, ledger } = live({ log: logOf(['a']), script: () => ({ outcome: RETRY, afterMs: 1 }) });
  await clock.pass(24 * HOUR - 1_000);
  expect(ledger()).toMatchObject({ dead: 0, held: 1 });
  await clock.pass(2_000);
  expect(ledger()).toMatchObject({ dead: 1, window: 0 });
  expect(stored().deadLetters).toMatchObject([{ reason: 'given up: HTTP 503', status: 503, attempts: 15 }]);
});

test('wrong credentials pause the lane and burn no event, however long it takes to correct them', async () => {
  let wrong = true;
  const script: Script = () => ({ outcome: wrong ? MISCONFIGURED : DELIVERED, afterMs: 1 });
  const users = Array.from({ length: 100 }, (_, number) => `u${number}`);
  const { clock, sender, ledger } = live({ log: logOf(users), script });
  await clock.pass(30 * HOUR);
  expect(ledger()).toMatchObject({ dead: 0, window: 100, trouble: 'refused' });
  wrong = false;
  await clock.pass(62_000);
  expect(ledger()).toMatchObject({ delivered: 100, dead: 0, window: 0, trouble: undefined });
  expect(sender.arrivals.length).toBeLessThan(64 + 30 * 60 + 10 + 100);
});

test('what the event does not want, and what is no event, is counted for what it is', async () => {
  const log = new MemoryLog();
  const unwanted = { type: 'track', event: 'e', messageId: '0', userId: 'a', timestamp: '', receivedAt: '' };
  log.accept('s', 'a', '0', { now: 0, bytes: JSON.stringify({ ...unwanted, integrations: { All: false } }) });
  log.accept('s', 'a', '1', { now: 0, bytes: '{"type":' });
  log.accept('s', 'a', '2', { now: 0, bytes: 'null' });
  log.accept('s', 'a', '3', { now: 0 });
  const { clock, ledger } = live({ log });
  await clock.pass(1_000);
  expect(ledger()).toMatchObject({ delivered: 1, filtered: 1, dead: 2, window: 0, sequence: 4 });
  expect(stored().deadLetters.map(({ messageId }) => messageId)).toEqual(['1', '2']);
});

test('records that the log lost are counted as dead, not passed over', async () => {
  const log = logOf(['a', 'b', 'c', 'd', 'e']);
  log.damage(1);
  log.damage(2);
  const { clock, ledger } = live({ log });
  await clock.pass(1_000);
  expect(ledger()).toMatchObject({ delivered: 3, dead: 2, window: 0, sequence: 5 });
  expect(stored().deadLetters).toMatchObject([{ reason: 'damaged', count: 2, sequence: 3 }]);
});

describe('where a lane begins', () => {
  test('a new pipeline gets what comes after its start, also when the process dies before its first event', async () => {
    const log = logOf(['a', 'b']);
    live({ log, start: { position: 2, sequences: log.sequences } });
    log.accept('s', 'c', '2', { now: 0 });
    const { clock, sender, ledger } = live({ log, start: { position: 3, sequences: log.sequences } });
    await clock.pass(1_000);
    expect(sender.delivered()).toEqual(['2']);
    expect(ledger()).toMatchObject({ startSequence: 2, sequence: 3, delivered: 1, dead: 0 });
  });

  test('lanes at different positions read the log together, and none gets an event twice', async () => {
    const log = logOf(['a', 'b']);
    const behind = { ...PIPELINE, id: 'q', connection: { urls: ['https://down.example.com/'] } };
    const pipelines = [PIPELINE, behind];
    const script: Script = ({ url }) => ({ outcome: url === HOOK ? DELIVERED : RETRY, afterMs: 1 });
    const first = live({ log, pipelines, script });
    await first.clock.pass(1_000);
    await first.router.stop();
    log.accept('s', 'c', '2', { now: 0 });
    const { clock, sender, router } = live({ log, pipelines });
    await clock.pass(10_000);
    const got = (pipeline: string) =>
      sender.arrivals
        .filter(({ idempotencyKey }) => idempotencyKey.startsWith(pipeline))
        .map(({ messageId }) => messageId);
    // What waits for its time is passed by those of other users.
    expect([got('p'), got('q')]).toEqual([['2'], ['2', '0', '1']]);
    expect(router.snapshot().lanes.map(({ delivered, dead }) => [delivered, dead])).toEqual([
      [3, 0],
      [3, 0],
    ]);
  });

  test('a source that is silent does not hold its lane back', async () => {
    const log = new MemoryLog();
    for (let number = 0; number < 20; number += 1) log.accept('other', 'a', `${number}`, { now: 0 });
    const { clock } = live({ log, pipelines: [PIPELINE, { ...PIPELINE, id: 'q', source: 'other' }] });
    await clock.pass(6_000);
    expect(stored().progress).toMatchObject({ position: 20, delivered: 0 });
  });
});

test('a stop waits for what is under way, commits it, and begins nothing more', async () => {
  const script: Script = ({ user }) => ({ outcome: DELIVERED, afterMs: user === 'slow' ? 1_000 : 1 });
  const { clock, sender, router } = live({ log: logOf(['slow', 'slow', 'a']), script });
  await clock.pass(10);
  const stopped = router.stop();
  await clock.pass(2_000);
  await stopped;
  expect(sender.arrivals).toHaveLength(2);
  // What was not begun waits as a row, so that nothing behind it is sent again.
  expect(stored().progress).toMatchObject({ position: 3, delivered: 2, held: 1 });
  expect(clock.waiting).toBe(0);
});

test('a stop does not wait longer than 5 s for a receiver that hangs', async () => {
  const { clock, router } = live({
    log: logOf(['a']),
    script: () => ({ outcome: DELIVERED, afterMs: 14_000 }),
  });
  await clock.pass(10);
  const stopped = router.stop();
  await clock.pass(5_000);
  await stopped;
  expect(stored().progress).toMatchObject({ position: 0, delivered: 0 });
});

test('a destination that takes nothing fills its window and no more, and gets everything afterwards', async () => {
  const count = WINDOW_MAX + 200;
  let down = true;
  const script: Script = () => ({ outcome: down ? MISCONFIGURED : DELIVERED, afterMs: 1 });
  const users = Array.from({ length: count }, (_, number) => `u${number}`);
  const { clock, sender, ledger } = live({ log: logOf(users), script });
  // The log is read a few events a turn.
  for (let turns = 0; turns < count / 5; turns += 1) await clock.pass(20);
  expect(ledger().window).toBe(WINDOW_MAX);
  down = false;
  await clock.pass(HOUR);
  expect(new Set(sender.delivered()).size).toBe(count);
  expect(ledger()).toMatchObject({ delivered: count, window: 0 });
}, 60_000);

test('a destination that takes nothing does not hold up another one of the same source', async () => {
  const count = WINDOW_MAX + 2_000;
  let down = true;
  const script: Script = ({ url }) => ({
    outcome: down && url !== HOOK ? MISCONFIGURED : DELIVERED,
    afterMs: 1,
  });
  const pipelines = [
    { ...PIPELINE, id: 'bad', connection: { urls: ['https://bad.example.com/'] } },
    PIPELINE,
  ];
  const users = Array.from({ length: count }, (_, number) => `u${number}`);
  const log = logOf(users);
  const { clock, router } = live({ log: log, script, pipelines });
  const standing = () =>
    router.snapshot().lanes.map(({ delivered, dead, window }) => ({ delivered, dead, full: window > 0 }));
  await clock.pass(60_000);
  expect(standing()).toEqual([
    { delivered: 0, dead: 0, full: true },
    { delivered: count, dead: 0, full: false },
  ]);
  down = false;
  for (let more = 0; more < 400; more += 1) {
    log.accept('s', 'late', `late${more}`, { now: 0 });
    await clock.pass(20);
  }
  await clock.pass(HOUR);
  expect(standing()).toEqual(pipelines.map(() => ({ delivered: count + 400, dead: 0, full: false })));
}, 60_000);

test('under random failures and crashes no event is lost, no user is out of order, no position is ahead', async () => {
  const lives = fc.array(fc.nat({ max: 40_000 }), { maxLength: 4 });
  const users = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 40 });
  const fates = fc.infiniteStream(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 3_000 })));
  await fc.assert(
    fc.asyncProperty(users, lives, fates, async (accepted, crashesAfterMs, answers) => {
      rmSync(stateFile(), { force: true });
      rmSync(`${stateFile()}-wal`, { force: true });
      rmSync(`${stateFile()}-shm`, { force: true });
      const log = logOf(accepted);
      const done = new Set<string>();
      const script: Script = ({ messageId }) => {
        const [draw, afterMs] = answers.next().value;
        if (draw < 3) return { outcome: RETRY, afterMs };
        done.add(messageId);
        return { outcome: draw === 9 ? REJECTED : DELIVERED, afterMs };
      };
      for (const lifeMs of [...crashesAfterMs, 24 * HOUR]) {
        const { clock, sender, ledger } = live({ log, script });
        for (const pauseMs of [lifeMs / 3, lifeMs / 3, lifeMs / 3]) {
          await clock.pass(pauseMs);
          const { sequence, startSequence, delivered, filtered, dead, window, held } = ledger();
          expect(delivered + filtered + dead + window + held).toBe(sequence - startSequence);
        }
        for (const user of new Set(accepted)) {
          const attempts = sender.arrivals
            .filter((arrival) => arrival.user === user)
            .map(({ messageId }) => Number(messageId));
          expect(attempts).toEqual(attempts.toSorted((one, other) => one - other));
        }
        const { progress, deadLetters, parked } = stored();
        const waiting = new Set(parked.map((row) => row.position));
        const position = progress?.position ?? fail('no position');
        for (let before = 0; before < position; before += 1)
          expect(done.has(`${before}`) || waiting.has(before)).toBe(true);
        expect((progress?.delivered ?? 0) + (progress?.dead ?? 0) + (progress?.held ?? 0)).toBe(
          progress?.sequence,
        );
        expect(deadLetters.length).toBe(progress?.dead);
      }
      expect(stored().progress?.position).toBe(accepted.length);
    }),
    { seed: 1, numRuns: 60 },
  );
}, 60_000);
