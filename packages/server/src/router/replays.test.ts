import { expect, test } from 'vitest';
import type { Outcome } from '../delivery/outcome.ts';
import { MemoryLog } from './memory-log.ts';
import {
  DELIVERED,
  fail,
  HOUR,
  live,
  logOf,
  PIPELINE,
  REJECTED,
  RETRY,
  users,
  webhooksBut,
} from './router.fixture.ts';
import type { Script } from './scripted-sender.ts';

type Life = ReturnType<typeof live>;

/** A log with events of so many users, received one a second: `0` at 0 s. */
function timedLog(count: number): MemoryLog {
  const log = new MemoryLog();
  for (let second = 0; second < count; second += 1)
    log.accept('s', `u${second}`, `${second}`, { now: second * 1_000 });
  return log;
}

/** What a replay sent. */
const replayed = ({ sender }: Life) =>
  sender.arrivals.filter(({ replay }) => replay).map(({ messageId }) => messageId);
const statusOf = ({ router }: Life, id: string) =>
  router.replays('p').find((one) => one.id === id) ?? fail('no replay');
const EVERYTHING = { pipeline: 'p', from: 0, until: Number.MAX_SAFE_INTEGER };

/** A life in which everything was delivered once. */
async function delivered(log: MemoryLog, more: Partial<Parameters<typeof live>[0]> = {}): Promise<Life> {
  const life = live({ log, ...more });
  await life.clock.pass(60_000);
  return life;
}

test('a replay sends the events of its time once more, has its own row of the ledger, and ends by itself', async () => {
  const life = await delivered(timedLog(100));
  const before = life.ledger();
  const { id } =
    life.router.replay({ pipeline: 'p', from: 10_000, until: 20_000 }) ?? fail('it does not run');
  expect(statusOf(life, id)).toMatchObject({ state: 'running', accepted: 10, delivered: 0, pending: 10 });
  await life.clock.pass(10_000);
  expect(replayed(life)).toEqual(Array.from({ length: 10 }, (_, place) => `${10 + place}`));
  expect(statusOf(life, id)).toMatchObject({
    state: 'done',
    accepted: 10,
    delivered: 10,
    pending: 0,
    dead: 0,
  });
  expect(life.ledger()).toEqual(before);
  const keys = new Set(life.sender.arrivals.map(({ idempotencyKey }) => idempotencyKey));
  expect(keys.size).toBe(100);
});

test('a replay of a time in which nothing came ends at once', async () => {
  const life = await delivered(timedLog(10));
  const { id } =
    life.router.replay({ pipeline: 'p', from: 500_000, until: 600_000 }) ?? fail('it does not run');
  await life.clock.pass(1_000);
  expect(statusOf(life, id)).toMatchObject({ state: 'done', accepted: 0, pending: 0 });
  expect(replayed(life)).toEqual([]);
});

test('a pipeline that does not run has no replay', async () => {
  const life = live({ log: timedLog(10), pipelines: [{ ...PIPELINE, enabled: false }] });
  expect(life.router.replay(EVERYTHING)).toBeUndefined();
});

test('a replay goes on after a restart in its middle, and two at once do not disturb each other or live traffic', async () => {
  const log = timedLog(200);
  const script: Script = () => ({ outcome: DELIVERED, afterMs: 100 });
  const first = await delivered(log, { script });
  const ids = [0, 1].map(() => first.router.replay(EVERYTHING)?.id ?? fail('it does not run'));
  expect(new Set(ids).size).toBe(2);
  await first.clock.pass(500);
  const sent = new Map<string, number>();
  for (const id of replayed(first)) sent.set(id, (sent.get(id) ?? 0) + 1);
  expect(sent.size).toBeGreaterThan(20);
  const next = live({ log, script, now: first.clock.now() });
  for (let late = 200; late < 300; late += 1) {
    log.accept('s', 'late', `${late}`, { now: late * 1_000 });
    await next.clock.pass(100);
  }
  await next.clock.pass(60_000);
  for (const id of replayed(next)) sent.set(id, (sent.get(id) ?? 0) + 1);
  expect(Array.from({ length: 200 }, (_, id) => (sent.get(`${id}`) ?? 0) >= 2)).not.toContain(false);
  expect(sent.size).toBe(200);
  for (const id of ids)
    expect(statusOf(next, id)).toMatchObject({ state: 'done', delivered: 200, pending: 0 });
  expect(next.ledger()).toMatchObject({ delivered: 300, dead: 0, window: 0 });
});

test('a replay can be paused and goes on where it was, also when both is asked for in one breath', async () => {
  const script: Script = () => ({ outcome: DELIVERED, afterMs: 1_000 });
  const life = await delivered(timedLog(100), { script });
  const { id } = life.router.replay(EVERYTHING) ?? fail('it does not run');
  await life.clock.pass(1_500);
  const paused = life.router.changeReplay(id, 'pause');
  await life.clock.pass(5_000);
  expect(await paused).toBe(true);
  const sent = replayed(life).length;
  expect(statusOf(life, id)).toMatchObject({ state: 'paused', delivered: sent, pending: 100 - sent });
  await life.clock.pass(HOUR);
  expect(replayed(life)).toHaveLength(sent);
  const changes = [
    life.router.changeReplay(id, 'resume'),
    life.router.changeReplay(id, 'pause'),
    life.router.changeReplay(id, 'resume'),
  ];
  await life.clock.pass(HOUR);
  expect(await Promise.all(changes)).toEqual([true, true, true]);
  expect(statusOf(life, id)).toMatchObject({ state: 'done', delivered: 100, pending: 0 });
  expect(new Set(replayed(life)).size).toBe(100);
  expect(await life.router.changeReplay(id, 'resume')).toBe(false);
});

test('a replay that is cancelled sends nothing more, and what it had parked is counted as cancelled', async () => {
  let answer: Outcome = DELIVERED;
  const script: Script = ({ user }) => ({ outcome: user === 'u3' ? answer : DELIVERED, afterMs: 1 });
  const log = timedLog(10);
  const life = await delivered(log, { script });
  answer = RETRY;
  const { id } = life.router.replay(EVERYTHING) ?? fail('it does not run');
  await life.clock.pass(2_000);
  expect(statusOf(life, id)).toMatchObject({ delivered: 9, pending: 1 });
  const cancelled = life.router.changeReplay(id, 'cancel');
  await life.clock.pass(4_000);
  expect(await cancelled).toBe(true);
  expect(statusOf(life, id)).toMatchObject({
    state: 'cancelled',
    accepted: 10,
    delivered: 9,
    filtered: 1,
    pending: 0,
  });
  const { length } = life.sender.arrivals;
  await life.clock.pass(HOUR);
  expect(life.sender.arrivals).toHaveLength(length);
  const next = live({ log, script, now: life.clock.now() });
  await next.clock.pass(HOUR);
  expect(next.sender.arrivals).toEqual([]);
  expect(statusOf(next, id)).toMatchObject({ state: 'cancelled', delivered: 9, pending: 0 });
});

test('dead letters that a cancelled replay was delivering once more stay dead letters', async () => {
  let answer: Outcome = DELIVERED;
  const script: Script = () => ({ outcome: answer, afterMs: 1 });
  const life = await delivered(timedLog(3), { script });
  answer = REJECTED;
  const { id } = life.router.replay(EVERYTHING) ?? fail('it does not run');
  await life.clock.pass(10_000);
  expect(statusOf(life, id)).toMatchObject({ state: 'done', dead: 3 });
  answer = RETRY;
  life.router.redeliver({ pipeline: 'p' });
  await life.clock.pass(1_000);
  expect(statusOf(life, id)).toMatchObject({ state: 'running', dead: 0, pending: 3 });
  const cancelled = life.router.changeReplay(id, 'cancel');
  await life.clock.pass(10);
  expect(await cancelled).toBe(true);
  expect(statusOf(life, id)).toMatchObject({ state: 'cancelled', accepted: 3, dead: 3, pending: 0 });
  expect(life.router.deadLetters({ pipeline: 'p' }, { first: 9 })).toHaveLength(3);
});

test('a replay of a time with repeats, filtered and dead events, and events that are lost, counts each for what it is', async () => {
  const log = new MemoryLog();
  const none = JSON.stringify({
    type: 'track',
    event: 'e',
    messageId: 'unwanted',
    userId: 'u',
    timestamp: '',
    receivedAt: '',
    integrations: { All: false },
  });
  log.accept('s', 'u', 'first', { now: 1_000 + 0 });
  log.accept('s', 'u', 'first', { now: 1_000 + 1 });
  log.accept('s', 'u', 'unwanted', { now: 1_000 + 2, bytes: none });
  log.accept('s', 'u', 'bad', { now: 1_000 + 3 });
  log.accept('s', 'u', 'lost', { now: 1_000 + 4 });
  log.accept('s', 'u', 'last', { now: 1_000 + 5 });
  log.damage(4);
  const script: Script = ({ messageId }) => ({
    outcome: messageId === 'bad' ? REJECTED : DELIVERED,
    afterMs: 1,
  });
  const life = await delivered(log, { script });
  const { id } = life.router.replay(EVERYTHING) ?? fail('it does not run');
  log.accept('s', 'u', 'later', { now: 1_000 + 6 });
  await life.clock.pass(10_000);
  const row = { state: 'done', accepted: 5, delivered: 2, filtered: 1, dead: 2, pending: 0 };
  expect(statusOf(life, id)).toMatchObject(row);
  expect(replayed(life)).toEqual(['first', 'bad', 'last']);
  // Lost events at its very end are its own too.
  log.damage(5);
  const { id: second } = life.router.replay({ ...EVERYTHING, until: 1_006 }) ?? fail('it does not run');
  await life.clock.pass(10_000);
  expect(statusOf(life, second)).toMatchObject({ ...row, delivered: 1, dead: 3 });
});

test('a replay shares the rate of its connection with live traffic, which is not held up for long', async () => {
  const rate = 20;
  const destinations = webhooksBut({ limits: { concurrency: 64, requestsPerSecond: rate, data: [] } });
  const log = logOf(users(400));
  const life = await delivered(log, { destinations });
  life.router.replay(EVERYTHING);
  const from = life.clock.monotonic();
  const arrivedBefore = life.sender.arrivals.length;
  for (let late = 0; late < 50; late += 1) {
    log.accept('s', `late${late}`, `late${late}`, { now: 1_000 + 0 });
    await life.clock.pass(200);
  }
  const arrivals = life.sender.arrivals.slice(arrivedBefore);
  for (const { at } of arrivals)
    expect(arrivals.filter((other) => other.at >= at && other.at < at + 1_000).length).toBeLessThanOrEqual(
      rate,
    );
  expect(arrivals.length).toBeGreaterThan(0.8 * rate * ((life.clock.monotonic() - from) / 1_000));
  expect(arrivals.filter(({ replay }) => !replay).length).toBeGreaterThan(45);
});
