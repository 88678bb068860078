import { gzipSync } from 'node:zlib';
import { EVENT_BYTES_DEFAULT, REQUEST_BYTES_MAX } from '@metarouter/events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Refusal } from '../log/event-log.ts';
import { type ServedDoor, serveDoor } from './door.fixture.ts';
import { HANDED_DOWN_BYTES_MAX } from './intake.ts';

let door: ServedDoor;
beforeEach(async () => {
  door = await serveDoor();
});
afterEach(() => door[Symbol.asyncDispose]());

const good = { type: 'track', writeKey: 'server', userId: 'u1', event: 'e', messageId: 'good' };

/** A track call of exactly so many bytes. */
function callOf(bytes: number, call: object = good): string {
  const empty = JSON.stringify({ ...call, properties: { x: '' } });
  return JSON.stringify({ ...call, properties: { x: 'x'.repeat(bytes - empty.length) } });
}

describe('a single call that is refused', () => {
  test('lists every fault, in the documented keys and those that SDKs read', async () => {
    const answer = await door.post('/v1/track', { writeKey: 'server', properties: 'x' });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      400,
      {
        Error: 'Bad Request',
        Message: 'Invalid event',
        Details: 'userId or anonymousId is required; event is required; properties must be an object',
        Errors: [
          { Error: 'Bad Request', Message: 'Invalid event', Details: 'userId or anonymousId is required' },
          { Error: 'Bad Request', Message: 'Invalid event', Details: 'event is required' },
          { Error: 'Bad Request', Message: 'Invalid event', Details: 'properties must be an object' },
        ],
        success: false,
        code: 'invalid_event',
        message: 'Invalid event',
        error: 'Bad Request',
      },
    ]);
    expect(door.log.records).toEqual([]);
  });
});

describe('a batch', () => {
  test('that is partly good is answered 207, with every fault of every bad item', async () => {
    const batch = [
      good,
      { ...good, event: null, userId: null, messageId: 'bad' },
      7,
      good,
      { ...good, writeKey: 'nobody', messageId: 5 },
    ];
    const answer = await door.post('/v1/batch', { batch });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      207,
      {
        Success: false,
        Errors: [
          {
            Error: 'Bad Request',
            Message: 'Invalid event',
            Details: 'userId or anonymousId is required',
            index: 1,
            messageId: 'bad',
          },
          {
            Error: 'Bad Request',
            Message: 'Invalid event',
            Details: 'event is required',
            index: 1,
            messageId: 'bad',
          },
          {
            Error: 'Bad Request',
            Message: 'Invalid event',
            Details: 'an event must be a JSON object',
            index: 2,
            messageId: null,
          },
          {
            Error: 'Bad Request',
            Message: 'Invalid or missing writekey',
            Details: '',
            index: 4,
            messageId: null,
          },
        ],
        success: false,
        code: 'invalid_event',
        message: 'Invalid event',
        error: 'Bad Request',
      },
    ]);
    expect(door.log.groups).toHaveLength(1);
    expect(door.log.records).toHaveLength(2);
  });

  test.each([
    ['analytics-python/2.3.2', 200],
    ['analytics-php/3.8.0', 200],
    ['analytics-ruby/2.5.0', 207],
    ['my-analytics-python/1', 207],
  ])('of %s that is partly good is answered %i, with the same body', async (agent, status) => {
    const body = { batch: [good, { ...good, event: '' }] };
    const usual = await door.post('/v1/batch', body);
    const answer = await door.post('/v1/batch', body, { 'user-agent': agent });
    expect([answer.status, answer.text]).toEqual([status, usual.text]);
  });

  test('whose items are all bad is answered 400, to every SDK', async () => {
    const body = {
      batch: [
        { ...good, event: '' },
        { ...good, type: 'x' },
      ],
    };
    expect((await door.post('/v1/batch', body)).status).toBe(400);
    expect((await door.post('/v1/batch', body, { 'user-agent': 'analytics-php/3.8.0' })).status).toBe(400);
    expect(door.log.groups).toEqual([]);
  });

  test.each<[string, object, string]>([
    ['empty', { batch: [] }, 'batch is empty'],
    ['missing', { writeKey: 'server' }, 'batch must be an array of events'],
    ['an object', { batch: {} }, 'batch must be an array of events'],
    ['around a context that is a text', { batch: [good], context: 'x' }, 'context must be an object'],
    [
      'around a forbidden key',
      JSON.parse('{"batch":[],"context":{"__proto__":1}}'),
      'the key __proto__ is not allowed: rename it',
    ],
  ])('that is %s is answered 400', async (_, body, details) => {
    const answer = await door.post('/v1/batch', body);
    const entry = { Error: 'Bad Request', Message: 'Invalid batch', Details: details };
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      400,
      { Success: false, Errors: [entry] },
    ]);
  });

  test('hands down what is around it', async () => {
    const around = {
      sentAt: '2026-03-01T12:00:00Z',
      timestamp: '2026-03-01T11:00:00Z',
      context: { a: 1 },
      integrations: { All: false },
    };
    await door.post('/v1/batch', { batch: [good, { ...good, context: { b: 2 } }], ...around });
    const inherited = {
      integrations: { All: false },
      sentAt: around.sentAt,
      originalTimestamp: around.timestamp,
    };
    expect(door.log.events).toMatchObject([
      { ...inherited, context: { a: 1 } },
      { ...inherited, context: { a: 1, b: 2 } },
    ]);
  });
});

describe('sizes', () => {
  test('a call may have 15 KB, not a byte more', async () => {
    expect((await door.send({ body: callOf(EVENT_BYTES_DEFAULT) })).status).toBe(200);
    const answer = await door.send({ body: callOf(EVENT_BYTES_DEFAULT + 1) });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      413,
      {
        Error: 'Request Entity Too Large',
        Message: 'HTTP request too large',
        Details: 'the event has 15361 bytes: at most 15360 are taken',
      },
    ]);
  });

  test('a call’s limit is the operator’s', async () => {
    await door[Symbol.asyncDispose]();
    door = await serveDoor({ eventBytesMax: 32 * 1024 });
    expect((await door.send({ body: callOf(32 * 1024) })).status).toBe(200);
    expect((await door.send({ body: callOf(32 * 1024 + 1) })).status).toBe(413);
  });

  test('an over-size item fails alone, its size being counted before inheritance', async () => {
    const items = [
      callOf(EVENT_BYTES_DEFAULT),
      callOf(EVENT_BYTES_DEFAULT + 1, { ...good, messageId: 'big' }),
    ];
    const body = `{"batch":[${items.join()}],"context":{"x":"${'x'.repeat(1000)}"}}`;
    const answer = await door.send({ path: '/v1/batch', body });
    expect([answer.status, JSON.parse(answer.text).Errors]).toMatchObject([
      207,
      [{ Error: 'Request Entity Too Large', Message: 'HTTP request too large', index: 1, messageId: 'big' }],
    ]);
    expect(door.log.records).toHaveLength(1);
  });

  test('a batch of which every item is over-size is answered 413', async () => {
    const big = callOf(EVENT_BYTES_DEFAULT + 1);
    expect((await door.send({ path: '/v1/batch', body: `{"batch":[${big},${big}]}` })).status).toBe(413);
    expect((await door.send({ path: '/v1/batch', body: `{"batch":[${big},{}]}` })).status).toBe(400);
  });

  /** A batch of exactly so many bytes. */
  const batchOf = (bytes: number) => {
    const text = JSON.stringify({ batch: [good] });
    return text + ' '.repeat(bytes - text.length);
  };

  test.each([
    ['with its length', {}],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('a request may have 500 KB, not a byte more, sent %s', async (_, headers) => {
    expect((await door.send({ path: '/v1/batch', body: batchOf(REQUEST_BYTES_MAX), headers })).status).toBe(
      200,
    );
    const answer = await door.send({ path: '/v1/batch', body: batchOf(REQUEST_BYTES_MAX + 1), headers });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      413,
      {
        Success: false,
        Errors: [
          { Error: 'Bad Request', Message: 'Error reading request body', Details: 'HTTP request too large' },
        ],
      },
    ]);
    expect(answer.headers.connection).toBe('close');
    expect(door.log.records).toHaveLength(1);
  });

  test('the 500 KB count after gunzip too, and a bomb stops there', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const zipped = (text: string) => ({ path: '/v1/batch', headers, body: gzipSync(text) });
    expect((await door.send(zipped(batchOf(REQUEST_BYTES_MAX)))).status).toBe(200);
    expect((await door.send(zipped(batchOf(REQUEST_BYTES_MAX + 1)))).status).toBe(413);
    expect((await door.send(zipped(batchOf(50_000_000)))).status).toBe(413);
  });

  test('a batch may have 2,500 events, not one more', async () => {
    const batch = (items: number) => `{"batch":[${Array(items).fill(JSON.stringify(good)).join()}]}`;
    expect((await door.send({ path: '/v1/batch', body: batch(2500) })).status).toBe(200);
    expect(door.observer.told).toEqual(['accepted server track 2500']);
    expect((await door.send({ path: '/v1/batch', body: batch(2501) })).status).toBe(413);
    expect(door.log.records).toHaveLength(2500);
  });

  test('the limit of depth counts from each item', async () => {
    const deep = (levels: number) => ({
      ...good,
      properties: JSON.parse(`${'{"a":'.repeat(levels - 2)}{}${'}'.repeat(levels - 2)}`),
    });
    const answer = await door.post('/v1/batch', { batch: [deep(64), deep(65)] });
    expect([answer.status, JSON.parse(answer.text).Errors]).toMatchObject([
      207,
      [{ index: 1, Details: 'nested deeper than 64 levels: flatten it' }],
    ]);
  });
});

describe('what a batch hands down', () => {
  /** The body of a batch of so many small events, with texts of so many bytes, quotes counted, around it. */
  const batchOf = (events: number, around: { context?: number; sentAt?: number }) => {
    const context = around.context && `"context":{"x":"${'x'.repeat(around.context - 8)}"}`;
    const sentAt = around.sentAt && `"sentAt":"${'s'.repeat(around.sentAt - 2)}"`;
    const batch = `"batch":[${Array(events).fill(JSON.stringify(good)).join()}]`;
    return { path: '/v1/batch', body: `{${[batch, context, sentAt].filter(Boolean).join()}}` };
  };
  const entry = { Error: 'Bad Request', Message: 'Error reading request body' };

  test('may have the bytes of one event, all parts together, not a byte more', async () => {
    expect((await door.send(batchOf(2, { context: 15_000, sentAt: 360 }))).status).toBe(200);
    const answer = await door.send(batchOf(2, { context: 15_000, sentAt: 361 }));
    const remedy = "all that a batch's events inherit may have 15360 together, so shorten it";
    const Details = `HTTP request too large: the batch's context has 15000 bytes: ${remedy}`;
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      413,
      { Success: false, Errors: [{ ...entry, Details }] },
    ]);
    expect(door.log.records).toHaveLength(2);
  });

  test('is bounded with all its copies, so that a small request never stores much', async () => {
    const eventsMax = Math.floor(HANDED_DOWN_BYTES_MAX / 15_000);
    expect((await door.send(batchOf(eventsMax, { context: 15_000 }))).status).toBe(200);
    const answer = await door.send(batchOf(eventsMax + 1, { context: 15_000 }));
    const remedy = `stored with each of ${eventsMax + 1} events: send at most ${eventsMax} events with it in one batch`;
    const Details = `HTTP request too large: the batch's context has 15000 bytes, ${remedy}`;
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      413,
      { Errors: [{ ...entry, Details }] },
    ]);
    expect(door.log.records).toHaveLength(eventsMax);
  });

  test('counts in bytes, merged contexts included', async () => {
    const context = { wide: 'é'.repeat(4_000) };
    const item = { ...good, context: { own: 1 } };
    expect((await door.post('/v1/batch', { batch: Array(500).fill(item), context })).status).toBe(200);
    expect((await door.post('/v1/batch', { batch: Array(540).fill(item), context })).status).toBe(413);
    const pieces = door.log.records.flatMap((record) => record.pieces);
    const stored = pieces.reduce((bytes, piece) => bytes + Buffer.byteLength(piece), 0);
    expect(stored).toBeLessThan(HANDED_DOWN_BYTES_MAX + 2 * REQUEST_BYTES_MAX);
  });
});

describe('a log that does not take the events', () => {
  test.each<[Refusal, string]>([
    ['disk_full', '30'],
    ['closing', '5'],
    ['overloaded', '2'],
  ])('because it is %s: 503, to be sent again after %s s, nothing acknowledged', async (why, seconds) => {
    door.log.next = async () => ({ kind: 'refused', why });
    for (const [path, body] of [
      ['/v1/track', good] as const,
      ['/v1/batch', { batch: [good, {}] }] as const,
    ]) {
      const answer = await door.post(path, body);
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, seconds]);
      expect(JSON.parse(answer.text)).toMatchObject({ success: false, code: 'unavailable' });
    }
    expect(door.observer.told).not.toContainEqual(expect.stringContaining('accepted'));
  });

  test('because the disk failed: 503, nothing acknowledged', async () => {
    door.log.next = () => Promise.reject(new Error('EIO'));
    const answer = await door.post('/v1/track', good);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '30']);
    expect(door.observer.told).toEqual(['rejected server unavailable 1']);
  });

  test('yet: no answer leaves before the events are durable', async () => {
    let store = () => {};
    const asked = new Promise<void>((isAsked) => {
      door.log.next = () =>
        new Promise((resolve) => {
          store = () => resolve({ kind: 'stored' });
          isAsked();
        });
    });
    let answered = false;
    const answer = door.post('/v1/track', good).then((received) => {
      answered = true;
      return received.status;
    });
    await asked;
    // Another exchange over the same server gives an early answer all the time that it needs.
    await door.send({ method: 'OPTIONS' });
    expect(answered).toBe(false);
    store();
    expect(await answer).toBe(200);
  });
});
