import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PROBLEMS } from '../platform/problem.ts';
import { type ServedDoor, serveDoor } from './door.fixture.ts';

let door: ServedDoor;
beforeEach(async () => {
  door = await serveDoor();
});
afterEach(() => door[Symbol.asyncDispose]());

const call = { writeKey: 'server', userId: 'u1', event: 'e', groupId: 'g', previousId: 'p', messageId: 'm1' };

describe('bodies', () => {
  const text = JSON.stringify(call);

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-8',
    'image/png',
    undefined,
  ])('JSON is read under the content type %s', async (type) => {
    const answer = await door.send({
      body: text,
      headers: type === undefined ? {} : { 'content-type': type },
    });
    expect(answer.status).toBe(200);
  });

  test('gzip and identity are read, in one piece or in chunks', async () => {
    const zipped = { 'content-encoding': 'gzip' };
    expect((await door.send({ body: gzipSync(text), headers: zipped })).status).toBe(200);
    expect(
      (await door.send({ body: gzipSync(text), headers: { ...zipped, 'transfer-encoding': 'chunked' } }))
        .status,
    ).toBe(200);
    expect((await door.send({ body: text, headers: { 'content-encoding': 'identity' } })).status).toBe(200);
    expect(door.log.records).toHaveLength(3);
  });

  test.each(['GZIP', 'x-gzip', 'X-GZip'])('gzip is also known as %s', async (encoding) => {
    const answer = await door.send({ body: gzipSync(text), headers: { 'content-encoding': encoding } });
    expect(answer.status).toBe(200);
  });

  test.each(['gzip', 'identity'])('a byte order mark is skipped, sent with %s', async (encoding) => {
    const marked = Buffer.from(`\ufeff${text}`);
    const body = encoding === 'gzip' ? gzipSync(marked) : marked;
    expect((await door.send({ body, headers: { 'content-encoding': encoding } })).status).toBe(200);
    expect(door.log.events).toMatchObject([call]);
  });

  test.each(['ASCII', 'zoë', 'ÿ\u0080', '日本', '🎲'])('%s is stored as it came', async (name) => {
    await door.post('/v1/track', { ...call, properties: { [name]: name }, context: { name } });
    expect(door.log.events).toMatchObject([{ properties: { [name]: name }, context: { name } }]);
  });

  test.each<[string, string | Uint8Array, object]>([
    ['nothing', '', {}],
    ['broken JSON', '{"userId":', {}],
    ['two values', `${text}${text}`, {}],
    ['an array', '[]', {}],
    ['null', 'null', {}],
    ['a number', '7', {}],
    ['a text', '"x"', {}],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), {}],
    ['plain text that says it is gzip', text, { 'content-encoding': 'gzip' }],
  ])('%s is answered 400, single and batch', async (_, body, headers) => {
    const single = await door.send({ body, headers: { ...headers } });
    expect([single.status, JSON.parse(single.text)]).toMatchObject([
      400,
      { Error: 'Bad Request', Message: 'Error reading request body', success: false },
    ]);
    const batch = await door.send({ path: '/v1/batch', body, headers: { ...headers } });
    expect([batch.status, JSON.parse(batch.text)]).toMatchObject([
      400,
      { Success: false, Errors: [{ Message: 'Error reading request body' }] },
    ]);
  });

  test('brotli and deflate are answered 415', async () => {
    for (const encoding of ['br', 'deflate', 'gzip, gzip']) {
      const answer = await door.send({ body: text, headers: { 'content-encoding': encoding } });
      expect(answer.status).toBe(415);
    }
  });

  test('only the beginning of an encoding that is not taken is repeated', async () => {
    const headers = { 'content-encoding': 'x'.repeat(10_000) };
    const { text: answer } = await door.send({ body: text, headers });
    expect(JSON.parse(answer).Details).toBe(`send gzip or identity, not ${'x'.repeat(40)}`);
  });

  test.each([
    ['nested too deep', `"a":${'['.repeat(64)}${']'.repeat(64)}`, 'nested deeper than 64 levels'],
    ['with too many keys', `${'"a":1,'.repeat(10_000)}"b":1`, 'more than 10000 keys'],
    ['with a forbidden key', '"traits":{"__proto__":{}}', '__proto__ is not allowed'],
  ])('a call %s is answered 400 with the remedy', async (_, members, remedy) => {
    await door[Symbol.asyncDispose]();
    door = await serveDoor({ eventBytesMax: 200_000 });
    const answer = await door.send({ body: `{"writeKey":"server",${members}}` });
    expect([answer.status, JSON.parse(answer.text).Details]).toEqual([400, expect.stringContaining(remedy)]);
    expect(door.samples.of('server')).toMatchObject([{ route: '/v1/track', reason: 'invalid_event' }]);
  });

  test('an error of ours is told, answered 500, and harms no other request', async () => {
    await door[Symbol.asyncDispose]();
    const bugs: unknown[] = [];
    const bug = new Error('no more ids');
    const newId = () => {
      throw bug;
    };
    door = await serveDoor({ newId, onBug: (error) => bugs.push(error) });
    const { messageId, ...withoutId } = call;
    const answer = await door.post('/v1/track', withoutId);
    expect([answer.status, JSON.parse(answer.text).code, bugs]).toEqual([500, 'internal', [bug]]);
    expect((await door.post('/v1/track', { ...withoutId, messageId: 'm' })).status).toBe(200);
  });

  test('a client that goes away in the middle leaves nothing behind', async () => {
    const socket = connect(door.port, '127.0.0.1');
    socket.write(
      `POST /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: ${text.length}\r\n\r\n${text.slice(0, 20)}`,
    );
    await new Promise<void>((sent) => socket.end(sent));
    await new Promise((closed) => socket.on('close', closed).resume());
    expect((await door.send({ body: text })).status).toBe(200);
    expect(door.log.records).toHaveLength(1);
  });
});

describe('the write key', () => {
  const { writeKey, ...keyless } = call;
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  test.each<[string, string, object, object]>([
    ['in the body', '/v1/track', call, {}],
    ['in Basic, with a colon', '/v1/track', keyless, basic('server:')],
    ['in Basic, without a colon', '/v1/track', keyless, basic('server')],
    [
      'in Basic, small',
      '/v1/track',
      keyless,
      { authorization: `basic ${Buffer.from('server:').toString('base64')}` },
    ],
    ['in the query', '/v1/track?writeKey=server', keyless, {}],
    ['in the query as appId', '/v1/track?a=b&appId=server', keyless, {}],
    ['in the body before Basic', '/v1/track', call, basic('site:')],
    ['in Basic before the query', '/v1/track?writeKey=site', keyless, basic('server:')],
    [
      'in the query when Authorization is not Basic',
      '/v1/track?writeKey=server',
      keyless,
      { authorization: 'Bearer x' },
    ],
    [
      'in a batch’s body',
      '/v1/batch',
      { writeKey: 'server', batch: [{ ...keyless, type: 'track' }] },
      basic('site:'),
    ],
    [
      'in a batch’s item',
      '/v1/batch',
      { writeKey: 'site', batch: [{ ...call, type: 'track' }] },
      basic('site:'),
    ],
  ])('is found %s', async (_, path, body, headers) => {
    expect((await door.post(path, body, { ...headers })).status).toBe(200);
    expect(door.log.records.map(({ source }) => source)).toEqual(['server']);
  });

  test.each([undefined, '', 'unknown', 'off', 7, 'toString'])(
    '%j is answered with the documented words',
    async (key) => {
      const answer = await door.post('/v1/track', { ...call, writeKey: key });
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        400,
        {
          Error: 'Bad Request',
          Message: 'Invalid or missing writekey',
          Details: '',
          success: false,
          code: 'invalid_write_key',
          message: 'Invalid or missing writekey',
          error: 'Bad Request',
        },
      ]);
    },
  );

  test('the items of one batch may go to different sources, in one append', async () => {
    const batch = ['site', 'server', 'off', 'app', 'app'].map((key) => ({
      ...call,
      type: 'track',
      writeKey: key,
    }));
    expect((await door.post('/v1/batch', { batch })).status).toBe(207);
    expect(door.log.groups.map((records) => records.map(({ source }) => source))).toEqual([
      ['site', 'server', 'app', 'app'],
    ]);
    expect(door.observer.told).toEqual([
      'rejected undefined invalid_write_key 1',
      'accepted site track 1',
      'accepted server track 1',
      'accepted app track 2',
    ]);
    expect(door.observer.seconds).toEqual([0]);
  });
});

describe('the client’s address', () => {
  test.each([
    ['site', { ip: '127.0.0.1' }],
    ['app', { ip: '127.0.0.1' }],
    ['server', undefined],
  ])('for a source of kind %s the context is %j', async (writeKey, context) => {
    await door.post('/v1/track', { ...call, writeKey });
    expect(door.log.events[0]?.context).toEqual(context);
  });

  test('is put into the context that came', async () => {
    await door.post('/v1/track', { ...call, writeKey: 'site', context: { locale: 'é' }, messageId: 'x' });
    expect(door.log.events).toMatchObject([{ context: { locale: 'é', ip: '127.0.0.1' }, messageId: 'x' }]);
  });

  test.each([
    ['nobody', [], '127.0.0.1'],
    ['the proxy', ['127.0.0.1'], '9.9.9.9'],
    ['both proxies', ['127.0.0.1', '9.9.9.9'], '8.8.8.8'],
    ['everyone', ['127.0.0.1', '9.9.9.9', '8.8.8.8', '6.6.6.6'], '6.6.6.6'],
  ])('with %s trusted it is the last one that no trusted proxy wrote', async (_, trusted, ip) => {
    await door[Symbol.asyncDispose]();
    door = await serveDoor({ trustedProxies: (address) => trusted.includes(address) });
    await door.post(
      '/v1/track',
      { ...call, writeKey: 'site' },
      { 'x-forwarded-for': '6.6.6.6, 8.8.8.8,9.9.9.9' },
    );
    expect(door.log.events[0]?.context).toEqual({ ip });
  });
});

describe('pages of any origin', () => {
  test('may send, and read the answer', async () => {
    const answer = await door.post('/v1/track', call, { origin: 'https://shop.example' });
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.example',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'Retry-After',
      vary: 'Origin',
    });
    expect(
      (await door.post('/v1/track', {}, { origin: 'null' })).headers['access-control-allow-origin'],
    ).toBe('null');
  });

  test('may ask before, for a day, and send whatever headers they ask for', async () => {
    const headers = {
      origin: 'https://shop.example',
      'access-control-request-headers': 'authorization,x-retry-count',
    };
    const answer = await door.send({ method: 'OPTIONS', path: '/v1/t', headers });
    expect(answer).toMatchObject({
      status: 204,
      text: '',
      headers: {
        'access-control-allow-origin': 'https://shop.example',
        'access-control-allow-methods': 'POST, OPTIONS',
        'access-control-allow-headers': 'authorization,x-retry-count',
        'access-control-max-age': '86400',
      },
    });
  });

  test('are not asked for where there is none', async () => {
    expect((await door.post('/v1/track', call)).headers).not.toHaveProperty('access-control-allow-origin');
    expect((await door.send({ method: 'OPTIONS' })).headers['access-control-allow-origin']).toBe('*');
  });
});

describe('malformed requests', () => {
  test('whatever the body, the answer is a refusal in JSON or a success, and the door goes on', async () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ':',
      ',',
      '"batch":[',
      '"context":{',
      'null',
      '1e999',
      '"userId":"u"',
      '"writeKey":"site"',
      '"_metarouter":{',
      '\u0000',
    );
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
      fc
        .jsonValue()
        .map((value) =>
          JSON.stringify({ ...call, writeKey: 'site', context: value, traits: value, timestamp: value }),
        ),
      fc.array(fc.jsonValue()).map((batch) => JSON.stringify({ writeKey: 'site', batch })),
    );
    const path = fc.constantFrom(
      '/v1/identify',
      '/v1/batch',
      '/v1/webhook?writeKey=site',
      '/v1/custom/event?writeKey=site&eventName=%7B..a%7D',
      '/v1/m',
    );
    await fc.assert(
      fc.asyncProperty(body, path, async (body, path) => {
        const answer = await door.send({ path, body });
        expect([200, 201, 207, 400]).toContain(answer.status);
        expect(JSON.parse(answer.text).success).toBe(answer.status === 200 || answer.status === 201);
      }),
      { numRuns: 600 },
    );
    expect(door.log.events.length).toBe(door.log.records.length);
  });
});

test('every status of a refusal is named where the documents tell of further statuses', async () => {
  const page = await readFile(new URL('../../../../docs/api.md', import.meta.url), 'utf8');
  const row = page.split('\n').find((line) => line.startsWith('| 200, 207, 400, 413 |')) ?? '';
  const statuses = new Set(Object.values(PROBLEMS).map(({ status }) => String(status)));
  expect([...statuses].filter((status) => !row.includes(status))).toEqual([]);
});

test('a call that is too large and has an unknown key is refused for its key', async () => {
  const answer = await door.post('/v1/track', {
    ...call,
    writeKey: 'nobody',
    properties: { x: 'x'.repeat(16_000) },
  });
  expect([answer.status, JSON.parse(answer.text).code]).toEqual([400, 'invalid_write_key']);
});

test('a request that does not arrive in time is answered 408', async () => {
  await door[Symbol.asyncDispose]();
  door = await serveDoor({}, { headersTimeout: 20, requestTimeout: 40, connectionsCheckingInterval: 10 });
  expect(await raw(door.port, 'POST /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{')).toMatch(
    /^HTTP\/1\.1 408 /,
  );
});

/** Sends bytes as they are, and gives all that comes back before the connection ends. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      received += chunk;
      socket.end();
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
}
