import { describe, expect, test } from 'vitest';
import type { Outcome } from '../delivery/outcome.ts';
import { MemoryLog } from './memory-log.ts';
import {
  DELIVERED,
  HOUR,
  live,
  logOf,
  MISCONFIGURED,
  PIPELINE,
  RETRY,
  stored,
  taken,
  users,
  webhooksBut,
} from './router.fixture.ts';
import type { Script } from './scripted-sender.ts';

/** A receiver whose answer can be changed. */
function receiver(answer: Outcome) {
  const state = { answer };
  return { state, script: () => ({ outcome: state.answer, afterMs: 1 }) };
}

describe('an outage', () => {
  test('of 30 hours gives up nothing, and costs few requests beside those that deliver', async () => {
    const count = 1_000;
    const { state, script } = receiver(RETRY);
    const life = live({ log: logOf(users(count)), script });
    await taken(life, count);
    await life.clock.pass(30 * HOUR);
    expect(life.ledger()).toMatchObject({ dead: 0, delivered: 0, trouble: 'failing' });
    const inVain = life.sender.arrivals.length;
    expect(inVain).toBeLessThan(64 + 8 + 30 * 60 * 1.3);
    const minutes = life.sender.arrivals.slice(-60).map(({ at }) => at);
    for (const [place, at] of minutes.entries())
      expect(at - (minutes[place - 1] ?? at - 50_000)).toBeGreaterThanOrEqual(48_000);
    state.answer = DELIVERED;
    const before = life.clock.monotonic();
    await life.clock.pass(61_000);
    expect(life.ledger()).toMatchObject({ dead: 0, delivered: count, held: 0, trouble: undefined });
    // All at once after the first success.
    const last = life.sender.arrivals.at(-1)?.at ?? 0;
    const first = life.sender.arrivals.find(({ outcome }) => outcome === 'delivered')?.at ?? 0;
    expect(last - first).toBeLessThan(1_000);
    expect(first - before).toBeLessThanOrEqual(60_000);
  });

  test('of ten minutes costs at most 1.2 requests for each event that it held up', async () => {
    const count = 2_000;
    const { state, script } = receiver(RETRY);
    const life = live({ log: logOf(users(count)), script });
    await taken(life, count);
    await life.clock.pass(600_000);
    state.answer = DELIVERED;
    await life.clock.pass(120_000);
    expect(life.ledger()).toMatchObject({ delivered: count });
    expect(life.sender.arrivals.length).toBeLessThanOrEqual(1.2 * count);
  });

  test('takes nothing of the time that an event has to be delivered, through restarts in its middle too', async () => {
    const log = new MemoryLog();
    log.accept('s', 'late', 'late', { now: 0 });
    let isDown = true;
    const script = ({ user }: { user: string }) => ({
      outcome: isDown || user === 'late' ? RETRY : DELIVERED,
      afterMs: 1,
    });
    let life = live({ log, script });
    const attempts = () => life.sender.arrivals.filter(({ messageId }) => messageId === 'late').length;
    await life.clock.pass(23 * HOUR);
    expect(life.ledger()).toMatchObject({ held: 1, dead: 0 });
    for (const user of users(30)) log.accept('s', user, user, { now: 0 });
    await life.clock.pass(1_000);
    expect(life.ledger().trouble).toBe('failing');
    await life.clock.pass(3 * HOUR);
    expect(life.ledger()).toMatchObject({ dead: 0 });
    for (let restarts = 0; restarts < 3; restarts += 1) {
      const now = life.clock.now();
      await life.router.stop();
      life = live({ log, script, now: now + 5 * HOUR });
      await life.clock.pass(10 * HOUR);
      expect(life.ledger()).toMatchObject({ dead: 0, trouble: 'failing' });
    }
    isDown = false;
    await life.clock.pass(61_000);
    expect(life.ledger()).toMatchObject({ delivered: 30, held: 1 });
    const made = attempts();
    await life.clock.pass(50 * 60_000);
    expect(life.ledger()).toMatchObject({ held: 1, dead: 0 });
    await life.clock.pass(20 * 60_000);
    expect(life.ledger()).toMatchObject({ held: 0, dead: 1 });
    expect(attempts()).toBeGreaterThan(made);
  });

  test('is over for what waits for its own time as well, at once after the first success', async () => {
    const log = logOf(['early']);
    const { state, script } = receiver(RETRY);
    const life = live({ log, script });
    await life.clock.pass(2.5 * HOUR);
    expect(life.ledger()).toMatchObject({ held: 1, trouble: undefined });
    for (const user of users(30)) log.accept('s', user, user, { now: 0 });
    await life.clock.pass(1_000);
    expect(life.ledger().trouble).toBe('failing');
    state.answer = DELIVERED;
    await life.clock.pass(5_000);
    expect(life.ledger()).toMatchObject({ delivered: 31, held: 0 });
  });

  test('leaves each user in order', async () => {
    const { state, script } = receiver(RETRY);
    const log = logOf(Array.from({ length: 600 }, (_, place) => `u${place % 30}`));
    const life = live({ log, script });
    await taken(life, 600);
    await life.clock.pass(HOUR);
    state.answer = DELIVERED;
    await life.clock.pass(HOUR);
    const delivered = life.sender.arrivals.filter(({ outcome }) => outcome === 'delivered');
    expect(delivered).toHaveLength(600);
    for (const user of users(30)) {
      const got = delivered
        .filter((arrival) => arrival.user === user)
        .map(({ messageId }) => Number(messageId));
      expect(got).toEqual(got.toSorted((one, other) => one - other));
    }
  });
});

test('a pause that the receiver asks for is kept by the probes as well', async () => {
  const { script } = receiver({ kind: 'retry', reason: 'HTTP 429', status: 429, retryAfterMs: 600_000 });
  const life = live({ log: logOf(users(100)), script });
  await taken(life, 100);
  await life.clock.pass(1_000);
  const made = life.sender.arrivals.length;
  await life.clock.pass(598_000);
  expect(life.sender.arrivals).toHaveLength(made);
  await life.clock.pass(2_000);
  expect(life.sender.arrivals).toHaveLength(made + 1);
});

test('a refusal of the pipeline itself pauses at the first answer, and uses up no attempt of any event', async () => {
  let isWrong = true;
  const script: Script = ({ user }) => ({
    outcome: isWrong ? MISCONFIGURED : user === 'a' ? RETRY : DELIVERED,
    afterMs: 1,
  });
  const life = live({ log: logOf(['a', 'b']), script });
  await life.clock.pass(30 * HOUR);
  expect(life.ledger()).toMatchObject({ trouble: 'refused', window: 2, held: 0, dead: 0 });
  expect(life.reports.filter(([, message]) => message.includes('refuses this pipeline'))).toHaveLength(1);
  isWrong = false;
  await life.clock.pass(122_000);
  expect(life.ledger()).toMatchObject({ delivered: 1, held: 1, trouble: undefined });
  // Its attempts are counted from here on.
  expect(stored().parked[0]?.attempts).toBeLessThanOrEqual(4);
});

describe('an error of our own', () => {
  const mended = { now: false };
  const destinations = webhooksBut({
    prepare: (connection, config) => {
      const planner = [...webhooksBut({}).values()][0]?.prepare(connection, config);
      return (event) => {
        if (!mended.now && Number(event.messageId) % 10 < 6) throw new Error('a mistake');
        return planner?.(event) ?? { skip: '' };
      };
    },
  });

  test('in the way of most events pauses at 200 dead letters, keeps the rest, and goes on when it is mended', async () => {
    mended.now = false;
    const count = 3_000;
    const log = logOf(users(count));
    const life = live({ log, destinations });
    await taken(life, count);
    await life.clock.pass(HOUR);
    const { dead, delivered, trouble } = life.ledger();
    expect([trouble, dead <= 200]).toEqual(['broken', true]);
    const { arrivals } = life.sender;
    const sent = arrivals.length;
    await life.clock.pass(30 * HOUR);
    expect(life.ledger()).toMatchObject({ dead, delivered, window: count - dead - delivered });
    expect(arrivals).toHaveLength(sent);
    await life.router.stop();
    mended.now = true;
    const next = live({ log, destinations });
    await next.clock.pass(HOUR);
    expect(next.ledger()).toMatchObject({ dead, delivered: count - dead, window: 0, trouble: undefined });
  });

  test('pauses a lane that waits for its destination already, too', async () => {
    mended.now = false;
    const { script } = receiver(RETRY);
    const life = live({ log: logOf(users(3_000)), destinations, script });
    await taken(life, 3_000);
    await life.clock.pass(HOUR);
    expect(life.ledger().trouble).toBe('broken');
    expect(life.ledger().dead).toBeLessThanOrEqual(200);
    expect(stored().deadLetters.length).toBeLessThanOrEqual(200);
  });

  test('with one event among 10,000 leaves a dead letter of it with the reason, and the others go on (at head, middle, tail)', async () => {
    const poison = new Set(['0', '5000', '9999']);
    const poisoned = webhooksBut({
      prepare: (connection, config) => {
        const planner = [...webhooksBut({}).values()][0]?.prepare(connection, config);
        return (event) => {
          if (poison.has(event.messageId)) throw new Error('a mistake');
          return planner?.(event) ?? { skip: '' };
        };
      },
    });
    const life = live({ log: logOf(users(10_000)), destinations: poisoned });
    await life.clock.pass(HOUR);
    expect(life.ledger()).toMatchObject({ delivered: 9_997, dead: 3, window: 0, held: 0 });
    const letters = stored().deadLetters.map(({ messageId, reason }) => [messageId, reason]);
    expect(letters).toEqual([...poison].map((id) => [id, 'the destination failed on it: a mistake']));
  });
});

test('an event that stopped the lanes three times is not looked at again: a dead letter with the reason', async () => {
  const suspects = new Map([
    [1, 3],
    [2, 2],
  ]);
  const life = live({ log: logOf(users(4)), suspects });
  await life.clock.pass(1_000);
  expect(life.ledger()).toMatchObject({ delivered: 3, dead: 1 });
  expect(stored().deadLetters).toMatchObject([
    { messageId: '1', reason: 'it stopped the program again and again by an error of ours' },
  ]);
});

test('an event that alone is refused with 404 pauses the others once at most, waits its 24 hours, and dies', async () => {
  const log = logOf(users(600));
  log.accept('s', 'bad', 'bad', { now: 0 });
  for (let number = 0; number < 600; number += 1) log.accept('s', `v${number}`, `v${number}`, { now: 0 });
  const script: Script = ({ user }) => ({
    outcome: user === 'bad' ? MISCONFIGURED : DELIVERED,
    afterMs: 1,
  });
  const life = live({ log, script });
  await taken(life, 1_201);
  await life.clock.pass(2 * 60_000);
  expect(life.ledger()).toMatchObject({ delivered: 1_200, held: 1, trouble: undefined });
  expect(life.reports.filter(([, message]) => message.includes('paused')).length).toBeLessThanOrEqual(1);
  await life.clock.pass(25 * HOUR);
  expect(life.ledger()).toMatchObject({ delivered: 1_200, dead: 1, held: 0 });
  expect(stored().deadLetters).toMatchObject([{ messageId: 'bad', reason: 'given up: HTTP 401' }]);
});

test('credentials that become wrong in the middle pause the lane and burn nothing', async () => {
  const since = { wrong: false };
  const script: Script = () => ({ outcome: since.wrong ? MISCONFIGURED : DELIVERED, afterMs: 1 });
  const log = logOf(users(500));
  const life = live({ log, script });
  await taken(life, 500);
  await life.clock.pass(1_000);
  since.wrong = true;
  for (let number = 0; number < 500; number += 1) log.accept('s', `v${number}`, `v${number}`, { now: 0 });
  await life.clock.pass(60 * HOUR);
  expect(life.ledger()).toMatchObject({ delivered: 500, dead: 0, trouble: 'refused' });
  since.wrong = false;
  await life.clock.pass(HOUR);
  expect(life.ledger()).toMatchObject({ delivered: 1_000, dead: 0, window: 0, held: 0, trouble: undefined });
});

test('of two receivers of one pipeline, the one that works gets every event while the other is down', async () => {
  const urls = ['https://up.example.com/', 'https://down.example.com/'];
  const pipelines = [{ ...PIPELINE, connection: { urls } }];
  const script: Script = ({ url }) => ({ outcome: url === urls[0] ? DELIVERED : RETRY, afterMs: 1 });
  const life = live({ log: logOf(users(500)), pipelines, script });
  await taken(life, 500);
  await life.clock.pass(HOUR);
  const got = life.sender.arrivals.filter(({ url }) => url === urls[0]).map(({ messageId }) => messageId);
  expect([got.length, new Set(got).size]).toEqual([500, 500]);
  expect(life.ledger()).toMatchObject({ delivered: 0, held: 500, trouble: undefined });
});

test('a batch that fails is one attempt, however many events are in it', async () => {
  const failing = { next: 1 };
  const script: Script = () => {
    failing.next -= 1;
    return { outcome: failing.next >= 0 ? RETRY : DELIVERED, afterMs: 1 };
  };
  const pipelines = [{ ...PIPELINE, config: { batchSize: 50 } }];
  const life = live({ log: logOf(users(50)), pipelines, script });
  await taken(life, 50);
  await life.clock.pass(1_000);
  expect(life.ledger()).toMatchObject({ held: 50, trouble: undefined });
  await life.clock.pass(60_000);
  expect(life.ledger()).toMatchObject({ delivered: 50, held: 0 });
});
