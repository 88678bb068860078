import type { Batch } from '@metarouter/destinations';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../delivery/outcome.ts';
import { MemoryLog } from '../memory-log.ts';
import {
  DELIVERED,
  fail,
  HOUR,
  live,
  logOf,
  PIPELINE,
  REJECTED,
  RETRY,
  stateFile,
  stored,
  taken,
  users,
  webhooksBut,
} from '../router.fixture.ts';
import type { Script } from '../scripted-sender.ts';

/** Webhooks in batch mode. */
const batches = (batchSize: number) => [{ ...PIPELINE, config: { batchSize } }];
const webhooks = () => webhooksBut({}).get('webhooks') ?? fail('no webhooks');

/** The same, but its batches are like this. */
function destinationsWith(change: Partial<Batch>) {
  return webhooksBut({
    batch: (connection, config) => {
      const batch = webhooks().batch(connection, config);
      return batch === undefined ? undefined : { ...batch, ...change };
    },
  });
}

/** Reads an answer that is a JSON object of messages by message id: "again" or "bad". */
const outcomesOf: Batch['outcomesOf'] = ({ body }, requests) => {
  const said: Record<string, string> = JSON.parse(body);
  return requests.map(({ body: list }) => {
    const [event] = Array.isArray(list) ? list : [];
    const word = said[event.messageId];
    if (word === undefined) return { kind: 'delivered', reason: '' };
    return { kind: word === 'bad' ? 'rejected' : 'retry', reason: word };
  });
};

function isInOrder(ids: readonly string[]): boolean {
  const places = ids.map(Number);
  return places.every((place, at) => at === 0 || place > (places[at - 1] ?? 0));
}

describe('events go together', () => {
  test('up to as many as fit one request, and the rest after 200 ms', async () => {
    const log = new MemoryLog();
    const life = live({ log, pipelines: batches(10) });
    await life.clock.pass(10_000);
    for (const [place, user] of users(25).entries()) log.accept('s', user, `${place}`, { now: 0 });
    await taken(life, 25);
    const sent = () => life.sender.arrivals.map(({ messageIds, at }) => [messageIds.length, at]);
    expect(sent()).toEqual([
      [10, 10_000],
      [10, 10_000],
    ]);
    await life.clock.pass(199);
    expect(sent()).toHaveLength(2);
    await life.clock.pass(1);
    expect(life.sender.arrivals[2]).toMatchObject({ messageIds: ['20', '21', '22', '23', '24'], at: 10_200 });
    await life.clock.pass(10);
    expect(life.ledger()).toMatchObject({ delivered: 25 });
  });

  test('up to so many bytes, and what is large does not wait for one request after the other', async () => {
    const log = new MemoryLog();
    const large = {
      type: 'track',
      event: 'e',
      timestamp: '',
      receivedAt: '',
      properties: { a: 'x'.repeat(14_000) },
    };
    for (let place = 0; place < 60; place += 1) {
      const bytes = JSON.stringify({ ...large, messageId: `${place}`, userId: `u${place}` });
      log.accept('s', `u${place}`, `${place}`, { now: 0, bytes });
    }
    const life = live({ log, pipelines: batches(500) });
    await taken(life, 60);
    await life.clock.pass(250);
    expect(life.sender.arrivals.map(({ messageIds }) => messageIds.length)).toEqual([
      7, 7, 7, 7, 7, 7, 7, 7, 4,
    ]);
    for (const { body } of life.sender.arrivals) expect(body.length).toBeLessThanOrEqual(100 * 1_024);
    expect(life.sender.arrivals.every(({ at }) => at === 200)).toBe(true);
  });

  test('also those of one user, in order, each under the key of exactly these events', async () => {
    const life = live({ log: logOf(Array.from({ length: 30 }, () => 'u')), pipelines: batches(10) });
    await taken(life, 30);
    await life.clock.pass(1_000);
    expect(life.sender.arrivals.map(({ messageIds }) => messageIds.length)).toEqual([10, 10, 10]);
    expect(isInOrder(life.sender.delivered())).toBe(true);
    expect(new Set(life.sender.arrivals.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(3);
  });

  test('but not what is sent once more with what is sent for the first time', async () => {
    let answer: Outcome = REJECTED;
    const log = logOf(users(4));
    const life = live({ log, pipelines: batches(10), script: () => ({ outcome: answer, afterMs: 1 }) });
    await life.clock.pass(1_000);
    expect(life.ledger()).toMatchObject({ dead: 4 });
    answer = DELIVERED;
    life.sender.arrivals.length = 0;
    life.router.redeliver({ pipeline: 'p' });
    for (const user of users(4)) log.accept('s', user, `new ${user}`, { now: 0 });
    await life.clock.pass(1_000);
    for (const { messageIds, replay } of life.sender.arrivals)
      expect(messageIds.every((id) => id.includes('new') !== replay)).toBe(true);
    expect(life.ledger()).toMatchObject({ delivered: 8, dead: 0 });
  });
});

test('one request is one to the rate, however many events are in it', async () => {
  const destinations = webhooksBut({ limits: { concurrency: 64, requestsPerSecond: 5, data: [] } });
  const life = live({ log: logOf(users(1_000)), pipelines: batches(100), destinations });
  await taken(life, 1_000);
  await life.clock.pass(2_300);
  expect(life.ledger()).toMatchObject({ delivered: 1_000 });
  expect(life.sender.arrivals).toHaveLength(10);
  const inFirstSecond = life.sender.arrivals.filter(({ at }) => at < 1_000);
  expect(inFirstSecond).toHaveLength(5);
});

test('an event that waits for its turn while the position has to pass it is sent all the same', async () => {
  const destinations = webhooksBut({ limits: { concurrency: 64, requestsPerSecond: 1, data: [] } });
  const log = new MemoryLog();
  const none = { type: 'track', event: 'e', timestamp: '', receivedAt: '', integrations: { All: false } };
  log.accept('s', 'a', 'a', { now: 0 });
  log.accept('s', 'b', 'b', { now: 0 });
  for (let place = 0; place < 6_000; place += 1)
    log.accept('s', 'c', `${place}`, {
      now: 0,
      bytes: JSON.stringify({ ...none, messageId: `${place}`, userId: 'c' }),
    });
  const life = live({ log, destinations });
  await taken(life, 7_000);
  expect(life.ledger()).toMatchObject({ filtered: 6_000, held: 2 });
  await life.clock.pass(5_000);
  expect(life.ledger()).toMatchObject({ delivered: 2, held: 0, window: 0 });
});

describe('a batch that is refused as a whole', () => {
  test('is sent one by one, so that only those at fault are given up', async () => {
    const bad = new Set(['3', '17']);
    const script: Script = ({ messageIds }) => ({
      outcome: messageIds.some((id) => bad.has(id)) ? REJECTED : DELIVERED,
      afterMs: 1,
    });
    const life = live({
      log: logOf(Array.from({ length: 40 }, (_, place) => `u${place % 4}`)),
      pipelines: batches(20),
      script,
    });
    await taken(life, 40);
    await life.clock.pass(5_000);
    expect(life.ledger()).toMatchObject({ delivered: 38, dead: 2, window: 0, held: 0 });
    expect(stored().deadLetters.map(({ messageId }) => messageId)).toEqual(['3', '17']);
    for (let user = 0; user < 4; user += 1)
      expect(isInOrder(life.sender.delivered().filter((id) => Number(id) % 4 === user))).toBe(true);
  });
});

describe('a destination that answers for each event', () => {
  const destinations = destinationsWith({ outcomesOf });
  const answerOf = (words: Record<string, string>): Outcome => ({
    kind: 'delivered',
    status: 200,
    answer: JSON.stringify(words),
  });

  test('gets again only those that failed, and those that it refuses are dead', async () => {
    let words: Record<string, string> = { 2: 'again', 4: 'bad' };
    const script: Script = () => ({ outcome: answerOf(words), afterMs: 1 });
    const life = live({ log: logOf(users(8)), pipelines: batches(20), destinations, script });
    await taken(life, 8);
    await life.clock.pass(4_000);
    expect(life.ledger()).toMatchObject({ delivered: 6, dead: 1, held: 1 });
    words = {};
    await life.clock.pass(10_000);
    expect(life.ledger()).toMatchObject({ delivered: 7, dead: 1, held: 0 });
    expect(life.sender.arrivals.map(({ messageIds }) => messageIds)).toEqual([
      users(8).map((_, id) => `${id}`),
      ['2'],
    ]);
    expect(stored().deadLetters).toMatchObject([{ messageId: '4', reason: 'bad' }]);
  });

  test('gets at most one event of a user at a time', async () => {
    const script: Script = () => ({ outcome: answerOf({}), afterMs: 1 });
    const life = live({ log: logOf(['a', 'a', 'b', 'a']), pipelines: batches(20), destinations, script });
    await life.clock.pass(4_000);
    expect(life.sender.arrivals.map(({ messageIds }) => messageIds)).toEqual([['0', '2'], ['1'], ['3']]);
  });

  test('and whose answers cannot be read is asked again, loses nothing, and does not end the process', async () => {
    let answer: Outcome = { kind: 'delivered', status: 200, answer: 'no JSON' };
    const script: Script = () => ({ outcome: answer, afterMs: 1 });
    const life = live({ log: logOf(users(100)), pipelines: batches(20), destinations, script });
    await taken(life, 100);
    await life.clock.pass(30 * HOUR);
    expect(life.ledger()).toMatchObject({ delivered: 0, dead: 0, trouble: 'failing' });
    answer = answerOf({});
    await life.clock.pass(61_000);
    expect(life.ledger()).toMatchObject({ delivered: 100, dead: 0, held: 0 });
  });
});

describe('an error in putting a batch together', () => {
  test('is a dead letter of the event that causes it, alone', async () => {
    const destinations = destinationsWith({
      join(requests) {
        if (requests.some(({ body }) => JSON.stringify(body).includes('"messageId":"5"')))
          throw new Error('oh');
        return (
          webhooks()
            .batch({ urls: ['https://a.example.com/'] }, { batchSize: 9 })
            ?.join(requests) ?? fail('')
        );
      },
    });
    const life = live({ log: logOf(users(20)), pipelines: batches(10), destinations });
    await taken(life, 20);
    await life.clock.pass(10_000);
    expect(life.ledger()).toMatchObject({ delivered: 19, dead: 1, window: 0 });
    expect(stored().deadLetters).toMatchObject([
      { messageId: '5', reason: 'the destination failed on it: oh' },
    ]);
  });

  test('that shows only when several go together sends them one by one', async () => {
    const destinations = destinationsWith({
      join(requests) {
        if (requests.length > 1) throw new Error('oh');
        return requests[0] ?? fail('nothing');
      },
    });
    const life = live({ log: logOf(users(20)), pipelines: batches(10), destinations });
    await taken(life, 20);
    await life.clock.pass(10_000);
    expect(life.ledger()).toMatchObject({ delivered: 20, dead: 0 });
    expect(life.sender.arrivals).toHaveLength(20);
  });

  test('for every event pauses the pipeline before many are dead', async () => {
    const join = () => fail('oh');
    const life = live({
      log: logOf(users(1_000)),
      pipelines: batches(10),
      destinations: destinationsWith({ join }),
    });
    await taken(life, 1_000);
    await life.clock.pass(10_000);
    expect(life.ledger().trouble).toBe('broken');
    expect(life.ledger().dead).toBeLessThanOrEqual(200);
  });
});

test('under random failures every event arrives, and no user is out of order', async () => {
  const draws = fc.infiniteStream(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 400 })));
  const accepted = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1, maxLength: 60 });
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(accepted, draws, fc.boolean(), async (of, answers, own) => {
      runs += 1;
      const file = `${stateFile()}-${runs}`;
      const script: Script = ({ messageIds }) => {
        const [draw, afterMs] = answers.next().value;
        const words = Object.fromEntries(
          messageIds.filter((id) => (Number(id) + draw) % 4 === 0).map((id) => [id, 'again']),
        );
        const whole = draw < 3 ? RETRY : draw === 9 && messageIds.length > 1 ? REJECTED : DELIVERED;
        return {
          outcome: own ? { kind: 'delivered', status: 200, answer: JSON.stringify(words) } : whole,
          afterMs,
        };
      };
      const destinations = own ? destinationsWith({ outcomesOf }) : webhooksBut({});
      const life = live({ log: logOf(of), pipelines: batches(4), destinations, script, file });
      await life.clock.pass(24 * HOUR);
      expect(life.ledger()).toMatchObject({ delivered: of.length, dead: 0, held: 0, window: 0 });
      for (const user of new Set(of)) {
        const first = life.sender.arrivals.flatMap(({ messageIds }) =>
          messageIds.filter((id) => of[Number(id)] === user),
        );
        expect(isInOrder([...new Set(first)])).toBe(true);
      }
    }),
    { seed: 1, numRuns: 60 },
  );
}, 30_000);
