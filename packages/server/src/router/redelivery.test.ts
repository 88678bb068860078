import { describe, expect, test } from 'vitest';
import type { Outcome } from '../delivery/outcome.ts';
import { DELIVERED, fail, HOUR, live, logOf, PIPELINE, REJECTED, RETRY, users } from './router.fixture.ts';
import type { Script } from './scripted-sender.ts';

type Life = ReturnType<typeof live>;

const GONE: Outcome = { kind: 'rejected', reason: 'HTTP 422', status: 422 };
const ALL = { pipeline: 'p' };

/** So many events that were refused: the even ones for one reason, the odd ones for another. */
async function deadLetters(count: number) {
  const answers = { now: (id: string): Outcome => (Number(id) % 2 === 0 ? REJECTED : GONE) };
  const script: Script = ({ messageId }) => ({ outcome: answers.now(messageId), afterMs: 1 });
  const log = logOf(users(count));
  const life = live({ log, script });
  await life.clock.pass(HOUR);
  expect(life.ledger()).toMatchObject({ dead: count, delivered: 0, held: 0 });
  life.sender.arrivals.length = 0;
  return { log, script, life, answers };
}

/** Holds at any moment. */
function expectExact({ ledger }: Life): void {
  const { sequence, startSequence, delivered, filtered, dead, window, held } = ledger();
  expect(delivered + filtered + dead + window + held).toBe(sequence - startSequence);
}

const lettersOf = ({ router }: Life) => router.deadLetters(ALL, { first: 100_000 });
const idOf = (life: Life, messageId: string) =>
  lettersOf(life).find((letter) => letter.messageId === messageId)?.id ?? fail('no such letter');

describe('dead letters are delivered once more', () => {
  test('with the same idempotency key, and the receiver is told; then they are no dead letters any more', async () => {
    const { life, answers } = await deadLetters(10);
    answers.now = () => DELIVERED;
    expect(life.router.redeliver(ALL)).toBe(10);
    expect(life.ledger()).toMatchObject({ dead: 0, held: 10 });
    await life.clock.pass(1_000);
    const got = life.sender.arrivals.map(({ messageId, idempotencyKey, replay }) => [
      messageId,
      idempotencyKey,
      replay,
    ]);
    expect(got.toSorted()).toEqual(Array.from({ length: 10 }, (_, id) => [`${id}`, `p:${id}`, true]));
    expect(life.ledger()).toMatchObject({ dead: 0, held: 0, delivered: 10 });
    expect(lettersOf(life)).toEqual([]);
  });

  test('those that are chosen, in any order, and one after the other', async () => {
    const { life, answers } = await deadLetters(10);
    answers.now = () => DELIVERED;
    const redeliver = async (choice: object) => {
      const count = life.router.redeliver({ ...ALL, ...choice });
      expectExact(life);
      await life.clock.pass(1_000);
      return count;
    };
    expect(await redeliver({ ids: [idOf(life, '9')] })).toBe(1);
    expect(await redeliver({ ids: [idOf(life, '1')] })).toBe(1);
    expect(await redeliver({ ids: [12_345] })).toBe(0);
    expect(await redeliver({ messageId: '4' })).toBe(1);
    expect(await redeliver({ reason: 'HTTP 400' })).toBe(4);
    expect(life.sender.delivered()).toEqual(['9', '1', '4', '0', '2', '6', '8']);
    expect(life.ledger()).toMatchObject({ dead: 3, delivered: 7, held: 0 });
    expect(life.router.reasons('p')).toEqual([{ reason: 'HTTP 422', count: 3 }]);
  });

  test('only once, however often it is asked for while they are under way', async () => {
    const { life, answers } = await deadLetters(300);
    answers.now = () => DELIVERED;
    expect(life.router.redeliver(ALL)).toBe(300);
    expect(life.router.redeliver(ALL)).toBe(0);
    await life.clock.pass(2);
    expect(life.router.redeliver(ALL)).toBe(0);
    expectExact(life);
    await life.clock.pass(1_000);
    expect(life.sender.arrivals).toHaveLength(300);
    expect(life.ledger()).toMatchObject({ delivered: 300, held: 0, dead: 0 });
  });

  test('and those that are given up again become dead letters again, with the new reason, as often as it is tried', async () => {
    const { life, answers } = await deadLetters(700);
    for (const status of [413, 415, 422]) {
      answers.now = () => ({ kind: 'rejected', reason: `HTTP ${status}`, status });
      expect(life.router.redeliver(ALL)).toBe(700);
      await life.clock.pass(10_000);
      expect(life.ledger()).toMatchObject({ dead: 700, held: 0 });
      expect(life.router.reasons('p')).toEqual([{ reason: `HTTP ${status}`, count: 700 }]);
    }
    expect(lettersOf(life).every(({ event }) => event?.includes('"type":"track"') === true)).toBe(true);
    answers.now = () => DELIVERED;
    life.router.redeliver(ALL);
    await life.clock.pass(10_000);
    expect(new Set(life.sender.delivered()).size).toBe(700);
    expectExact(life);
  });

  test('although thousands of others are being retried', async () => {
    const { life, answers } = await deadLetters(3_000);
    answers.now = (id) => (Number(id) % 5 === 0 ? RETRY : DELIVERED);
    life.router.redeliver(ALL);
    await life.clock.pass(60_000);
    expect(life.ledger()).toMatchObject({ delivered: 2_400, held: 600, dead: 0 });
    answers.now = () => DELIVERED;
    await life.clock.pass(HOUR);
    expect(life.ledger()).toMatchObject({ delivered: 3_000, held: 0, dead: 0 });
  });

  test('through crashes in the middle: none is missing, and each is counted once', async () => {
    const { log, script, life, answers } = await deadLetters(1_500);
    answers.now = (id) => (Number(id) % 7 === 0 ? RETRY : DELIVERED);
    life.router.redeliver(ALL);
    await life.clock.pass(12);
    const got = new Set(life.sender.delivered());
    for (let crashes = 0; crashes < 4; crashes += 1) {
      const next = live({ log, script, now: life.clock.now() + crashes * 60_000 });
      expectExact(next);
      await next.clock.pass(9);
      expectExact(next);
      for (const id of next.sender.delivered()) got.add(id);
      expect(next.sender.arrivals.every(({ replay }) => replay)).toBe(true);
    }
    answers.now = () => DELIVERED;
    const last = live({ log, script, now: life.clock.now() + HOUR });
    await last.clock.pass(HOUR);
    for (const id of last.sender.delivered()) got.add(id);
    expect(got.size).toBe(1_500);
    expect(last.ledger()).toMatchObject({ delivered: 1_500, dead: 0, held: 0 });
    expect(lettersOf(last)).toEqual([]);
  });

  test('later, when their pipeline is switched off', async () => {
    const { life, answers } = await deadLetters(10);
    answers.now = () => DELIVERED;
    const off = life.router.apply([{ ...PIPELINE, enabled: false }]);
    await life.clock.pass(10);
    await off;
    expect(life.router.redeliver(ALL)).toBe(10);
    await life.clock.pass(HOUR);
    expect(life.ledger()).toMatchObject({ dead: 0, held: 10, delivered: 0, trouble: 'off' });
    const on = life.router.apply([PIPELINE]);
    await life.clock.pass(1_000);
    await on;
    expect(life.ledger()).toMatchObject({ dead: 0, held: 0, delivered: 10 });
  });
});

test('an event that was given up after 24 hours has 24 hours again, and its retries keep their time through a restart', async () => {
  let answer: Outcome = RETRY;
  const script: Script = () => ({ outcome: answer, afterMs: 1 });
  const log = logOf(['u']);
  const life = live({ log, script });
  await life.clock.pass(25 * HOUR);
  expect(life.ledger()).toMatchObject({ dead: 1 });
  life.router.redeliver(ALL);
  await life.clock.pass(3 * HOUR);
  expect(life.ledger()).toMatchObject({ dead: 0, held: 1 });
  await life.router.stop();
  const next = live({ log, script, now: life.clock.now() });
  await next.clock.pass(50 * 60_000);
  expect(next.sender.arrivals).toEqual([]);
  await next.clock.pass(20 * HOUR);
  expect(next.ledger()).toMatchObject({ dead: 0, held: 1 });
  await next.clock.pass(HOUR);
  expect(next.ledger()).toMatchObject({ dead: 1, held: 0 });
  answer = DELIVERED;
  next.router.redeliver(ALL);
  await next.clock.pass(1_000);
  expect(next.ledger()).toMatchObject({ dead: 0, delivered: 1 });
});

test('of several receivers only those get the event that had not taken it', async () => {
  const urls = ['https://a.example.com/', 'https://b.example.com/'];
  let bad = REJECTED;
  const script: Script = ({ url }) => ({ outcome: url === urls[1] ? bad : DELIVERED, afterMs: 1 });
  const life = live({ log: logOf(['u']), script, pipelines: [{ ...PIPELINE, connection: { urls } }] });
  await life.clock.pass(1_000);
  expect(life.ledger()).toMatchObject({ dead: 1 });
  bad = GONE;
  life.router.redeliver(ALL);
  await life.clock.pass(1_000);
  expect(life.ledger()).toMatchObject({ dead: 1 });
  expect(life.router.reasons('p')).toEqual([{ reason: 'HTTP 422', count: 1 }]);
  expect(life.sender.arrivals.map(({ url }) => url)).toEqual([...urls, urls[1]]);
});

test('an event that one receiver refuses is dead when the others have it, after a restart in between too', async () => {
  const urls = ['https://a.example.com/', 'https://b.example.com/'];
  const setting = { log: logOf(['u']), pipelines: [{ ...PIPELINE, connection: { urls } }] };
  let other: Outcome = RETRY;
  const script: Script = ({ url }) => ({ outcome: url === urls[1] ? REJECTED : other, afterMs: 1 });
  const first = live({ ...setting, script });
  await first.clock.pass(60_000);
  expect(first.sender.arrivals.filter(({ url }) => url === urls[1])).toHaveLength(1);
  await first.router.stop();
  other = DELIVERED;
  const { clock, ledger } = live({ ...setting, script, now: first.clock.now() });
  await clock.pass(HOUR);
  expect(ledger()).toMatchObject({ dead: 1, delivered: 0 });
});

test("a replay's dead letters are delivered once more by the replay, also when it had ended", async () => {
  let answer: Outcome = DELIVERED;
  const script: Script = () => ({ outcome: answer, afterMs: 1 });
  const { clock, router, sender } = live({ log: logOf(['a', 'b']), script });
  await clock.pass(1_000);
  answer = REJECTED;
  router.replay({ pipeline: 'p', from: 0, until: 1 });
  await clock.pass(10_000);
  expect(router.replays('p')).toMatchObject([{ state: 'done', accepted: 2, dead: 2, pending: 0 }]);
  answer = DELIVERED;
  expect(router.redeliver(ALL)).toBe(2);
  expect(router.replays('p')).toMatchObject([{ state: 'running', dead: 0, pending: 2 }]);
  await clock.pass(10_000);
  expect(router.replays('p')).toMatchObject([{ state: 'done', delivered: 2, dead: 0, pending: 0 }]);
  expect(sender.arrivals.slice(-2).every(({ replay }) => replay)).toBe(true);
});
