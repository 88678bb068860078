import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RECEIVED_AT, type ServedDoor, serveDoor } from './door.fixture.ts';

let door: ServedDoor;
beforeEach(async () => {
  door = await serveDoor();
});
afterEach(() => door[Symbol.asyncDispose]());

const track = { type: 'track', userId: 'u1', event: 'e', messageId: 'm1' };

/** One request of each route, with a call that is fine but for what `change` changes. */
const requests = (change: object): readonly (readonly [path: string, body: object])[] => [
  ['/v1/track', { ...track, writeKey: 'server', ...change }],
  ['/v1/batch', { writeKey: 'server', batch: [{ ...track, ...change }] }],
  ['/v1/webhook?writeKey=server', { ...track, ...change }],
];

describe('no SDK sends for ever what was stored', () => {
  test.each(['/v1/track', '/v1/b', '/v1/import/', '/v1/webhook?writeKey=server', '/v1/m'])(
    'success at %s is exactly 200, with a JSON object that holds no error',
    async (path) => {
      // PHP and Python take any other status for a failure; Ruby and Java parse the body of a success too.
      const answer = await door.post(path, {
        ...track,
        writeKey: 'server',
        batch: [{ ...track, writeKey: 'server' }],
      });
      expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { success: true }]);
      expect(answer.headers['content-type']).toBe('application/json');
    },
  );

  test('a repeat of the same messageId is a success, as its sender cannot know', async () => {
    for (let sent = 0; sent < 2; sent++) {
      expect((await door.post('/v1/track', { ...track, writeKey: 'server' })).status).toBe(200);
    }
  });
});

describe('no SDK drops what it should send again, or sends again what it should drop', () => {
  test('a refusal carries every key that some SDK reads', async () => {
    for (const [path, body] of requests({ event: '' })) {
      const answer = await door.post(path, body);
      // Python looks for `code` and `message`, and takes their absence for a passing failure; Ruby reads `error`.
      expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
        400,
        { success: false, code: 'invalid_event', message: 'Invalid event', error: 'Bad Request' },
      ]);
    }
  });

  test.each([
    ['429, for the caller’s limit', 429],
    ['503, for ours', 503],
  ])('%s, tells in whole seconds when to come back', async (_, status) => {
    await door[Symbol.asyncDispose]();
    door = await serveDoor({ sourceEventsPerSecond: 1 });
    if (status === 503) door.log.next = async () => ({ kind: 'refused', why: 'disk_full' });
    else await door.post('/v1/batch', { writeKey: 'server', batch: Array(30).fill(track) });
    for (const [path, body] of requests({})) {
      const answer = await door.post(path, body, { origin: 'https://shop.example' });
      expect(answer.status).toBe(status);
      // Kotlin and Swift stall for five minutes without it; node and browsers cut a longer wait.
      expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
      expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(300);
      expect(answer.headers['access-control-expose-headers']).toBe('Retry-After');
    }
  });
});

describe('events are found in whatever way they come', () => {
  test('Kotlin’s and Android’s: chunked, gzip, as text, the key in the body only, the slash of Java', async () => {
    const body = gzipSync(JSON.stringify({ batch: [track], sentAt: RECEIVED_AT, writeKey: 'app' }));
    const headers = {
      'content-encoding': 'gzip',
      'content-type': 'text/plain',
      'transfer-encoding': 'chunked',
    };
    for (const path of ['/v1/b', '/v1/import', '/v1/import/']) {
      expect((await door.send({ path, body, headers })).status).toBe(200);
    }
    expect(door.log.records.map(({ source }) => source)).toEqual(['app', 'app', 'app']);
  });

  test('a browser’s: its retries are pre-flighted with a header that first tries do not have', async () => {
    const asked = 'authorization,content-type,x-retry-count';
    const preflight = await door.send({
      method: 'OPTIONS',
      path: '/v1/t',
      headers: { origin: 'https://shop.example', 'access-control-request-headers': asked },
    });
    expect(preflight.headers['access-control-allow-headers']).toBe(asked);
  });

  test('a beacon’s: credentials are allowed, and the key stands in the query', async () => {
    const answer = await door.post('/beacon/v1/batch?writeKey=site', { batch: [track] }, { origin: 'null' });
    expect([answer.status, answer.headers['access-control-allow-credentials']]).toEqual([200, 'true']);
  });

  test.each([
    'ajs-next-1772366400000-0b1f6f7e',
    'node-next-1772366400000-0b1f6f7e',
    '2c5ea4c0-4067-11e9',
    'x'.repeat(100),
  ])('the messageId %.40s is kept as it is', async (messageId) => {
    await door.post('/v1/track', { ...track, writeKey: 'server', messageId });
    expect(door.log.records).toMatchObject([{ messageId }]);
  });

  test('a messageId that is too long is refused, and never cut to one that another event has', async () => {
    const answer = await door.post('/v1/track', { ...track, writeKey: 'server', messageId: 'x'.repeat(101) });
    expect(answer.status).toBe(400);
  });
});

describe('nothing that SDKs say is lost', () => {
  test('a browser’s _metadata, consent and integrations are stored as they came', async () => {
    const said = {
      _metadata: { bundled: ['Segment.io', 'Amplitude'], unbundled: [], bundledIds: ['x'], retryCount: 2 },
      context: { consent: { categoryPreferences: { Advertising: false } }, direct: true, instanceId: 'i' },
      integrations: { All: false, 'Customer.io': { region: 'eu' } },
    };
    await door.post('/v1/t', { ...track, ...said, writeKey: 'server' });
    expect(door.log.events).toMatchObject([said]);
  });

  test('a batch’s sentAt corrects the clocks of items that have none: Node, Ruby, Kotlin and Swift', async () => {
    const sentAt = '2026-03-01T13:00:10.000Z';
    const timestamp = '2026-03-01T13:00:00.000Z';
    await door.post('/v1/b', { writeKey: 'server', sentAt, batch: [{ ...track, timestamp }] });
    expect(door.log.events).toMatchObject([
      {
        sentAt,
        originalTimestamp: timestamp,
        timestamp: '2026-03-01T11:59:50.000Z',
        receivedAt: RECEIVED_AT,
      },
    ]);
  });

  test('a time without a sentAt is kept as it was given', async () => {
    const timestamp = '2026-02-01T00:00:00.000Z';
    await door.post('/v1/track', { ...track, timestamp, writeKey: 'server' });
    expect(door.log.events).toMatchObject([{ timestamp, originalTimestamp: timestamp }]);
  });
});

describe('every refusal is counted, and a sample of it is kept', () => {
  test('of a call, under its source, with the key masked', async () => {
    await door.post('/v1/t', { ...track, event: '', writeKey: 'server' });
    expect(door.samples.of('server')).toEqual([
      {
        source: 'server',
        route: '/v1/track',
        reason: 'invalid_event',
        details: 'event is required',
        messageId: 'm1',
        receivedAt: Date.parse(RECEIVED_AT),
        text: '{"type":"track","userId":"u1","event":"","messageId":"m1","writeKey":"serv…"}',
      },
    ]);
    expect(door.observer.told).toEqual(['rejected server invalid_event 1']);
  });

  test('of a call that is too large, under its source', async () => {
    await door.post('/v1/t', { ...track, writeKey: 'server', properties: { x: 'x'.repeat(15 * 1024) } });
    expect(door.samples.of('server')).toMatchObject([{ reason: 'event_too_large', messageId: 'm1' }]);
  });

  test('of items of a batch, each with its own bytes, a few of each request', async () => {
    const batch = [
      track,
      7,
      ...Array.from({ length: 50 }, (_, n) => ({ ...track, event: null, messageId: `m${n}` })),
    ];
    await door.post('/v1/b', { writeKey: 'server', batch });
    const samples = door.samples.of('server');
    expect(samples).toHaveLength(9);
    expect(samples.at(-1)?.text).toBe('{"type":"track","userId":"u1","event":null,"messageId":"m0"}');
    expect(door.observer.told.filter((line) => line.startsWith('rejected'))).toHaveLength(51);
  });

  test('of a body that cannot be read, under the source that its header tells', async () => {
    const authorization = `Basic ${Buffer.from('server:').toString('base64')}`;
    await door.send({ body: '{"event":', headers: { authorization } });
    await door.send({ body: '{"event":', headers: { 'content-encoding': 'br', authorization } });
    expect(door.samples.of('server')).toMatchObject([
      { reason: 'unsupported_encoding', text: '' },
      { reason: 'invalid_body', text: '{"event":' },
    ]);
  });

  test('under no name that a client made up', async () => {
    for (let n = 0; n < 5; n++) await door.post('/v1/t', { ...track, writeKey: `made-up-${n}` });
    expect(door.samples.of(undefined)).toHaveLength(5);
    expect(new Set(door.observer.told)).toEqual(new Set(['rejected undefined invalid_write_key 1']));
  });
});
