import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventOf, RECEIVED_AT, type ServedDoor, serveDoor } from './door.fixture.ts';

let door: ServedDoor;
beforeEach(async () => {
  door = await serveDoor();
});
afterEach(() => door[Symbol.asyncDispose]());

const call = { writeKey: 'server', userId: 'u1', event: 'e', groupId: 'g', previousId: 'p', messageId: 'm1' };

describe('routes', () => {
  const routes = [
    ['identify', 'i'],
    ['track', 't'],
    ['page', 'p'],
    ['screen', 's'],
    ['group', 'g'],
    ['alias', 'a'],
  ].flatMap(([type, short]) => [
    [`/v1/${type}`, type],
    [`/v1/${short}`, type],
    [`/v1/${type}/`, type],
    [`/v1/${short}/?x=1`, type],
  ]);

  test.each(routes)('%s stores a call of type %s', async (path = '', type) => {
    const answer = await door.post(path, call);
    expect([answer.status, answer.text]).toEqual([200, '{"success":true}']);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '16' });
    expect(door.log.events).toEqual([{ ...call, type, receivedAt: RECEIVED_AT, timestamp: RECEIVED_AT }]);
  });

  test.each(['/v1/batch', '/v1/b', '/v1/import', '/v1/import/', '/v1/b?x=1'])(
    '%s stores a batch',
    async (path) => {
      const answer = await door.post(path, {
        batch: [
          { ...call, type: 'track' },
          { ...call, type: 'page' },
        ],
      });
      expect([answer.status, answer.text]).toEqual([200, '{"success":true}']);
      expect(door.log.groups.map((records) => records.map(eventOf))).toMatchObject([
        [{ type: 'track' }, { type: 'page' }],
      ]);
    },
  );

  test('a record carries what the log needs', async () => {
    await door.post('/v1/track', { writeKey: 'server', anonymousId: 'a1', event: 'e' });
    const [record] = door.log.records;
    expect(record).toMatchObject({
      source: 'server',
      orderKey: 'a1',
      messageId: 'id-1',
      receivedAt: Date.parse(RECEIVED_AT),
    });
  });

  test('other paths are not the door’s', () => {
    expect(['/v1/track', '/v1/nothing', '/', '/v1/track/x'].map(door.handles)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('other methods are told so', async () => {
    expect((await door.send({ method: 'GET' })).status).toBe(405);
    expect((await door.send({ method: 'PUT', body: JSON.stringify(call) })).headers.allow).toBe(
      'POST, OPTIONS',
    );
  });
});

describe('base addresses that were given with too much or too little', () => {
  const batch = { batch: [{ ...call, type: 'track' }] };

  test.each<[string, string, object]>([
    ['a browser, Kotlin or Swift, without the /v1', '/b', batch],
    ['Android without the /v1', '/import', batch],
    ['an older browser build without the /v1', '/batch', batch],
    ['React Native with the proxy of an older release', '/v1/batch/b', batch],
    ['Python, PHP or Go with a /v1', '/v1/v1/batch', batch],
    ['Go with a slash at the end', '//v1/batch', batch],
    ['Kotlin with a slash at the end', '/v1//b', batch],
    ['RudderStack’s beacon', '/beacon/v1/batch?writeKey=server', batch],
    ['a browser without the /v1', '/t', call],
    ['a browser with a slash at the end', '/v1//t?x=//', call],
  ])('of %s reach their route: %s', async (_, path, body) => {
    expect((await door.post(path, body)).status).toBe(200);
    expect(door.log.events).toMatchObject([{ userId: 'u1', type: 'track' }]);
  });

  test('every call has its short path at the root', () => {
    expect(['/i', '/t', '/p', '/s', '/g', '/a', '/x', '/v1/v1/t', '/v1/t/b'].map(door.handles)).toEqual([
      ...Array(6).fill(true),
      ...Array(3).fill(false),
    ]);
  });
});

describe('the webhook routes', () => {
  const paths = ['/v1/webhook', '/v1/w', '/v1/webhook/'];

  test.each(paths)('%s takes one call, of the type that it names', async (path) => {
    const answer = await door.post(`${path}?writeKey=server`, { ...call, type: 'identify' });
    expect([answer.status, answer.text]).toEqual([200, '{"success":true}']);
    expect(door.log.events).toMatchObject([{ ...call, type: 'identify' }]);
  });

  test.each(paths)('%s takes a batch', async (path) => {
    const batch = ['track', 'page'].map((type) => ({ ...call, type }));
    expect((await door.post(`${path}?writeKey=server`, { batch, context: { a: 1 } })).status).toBe(200);
    expect(door.log.events).toMatchObject([
      { type: 'track', context: { a: 1 } },
      { type: 'page', context: { a: 1 } },
    ]);
  });

  test('the key of the query wins over all others, and replaces them in the stored events', async () => {
    const basic = { authorization: `Basic ${Buffer.from('app:').toString('base64')}` };
    const item = { ...call, type: 'track', writeKey: 'site' };
    await door.post('/v1/webhook?writeKey=server', item, basic);
    await door.post('/v1/webhook?writeKey=server', { writeKey: 'site', batch: [item] }, basic);
    expect(door.log.records.map(({ source }) => source)).toEqual(['server', 'server']);
    expect(door.log.events).toMatchObject([{ writeKey: 'server' }, { writeKey: 'server' }]);
  });

  test('an unknown key in the query is not made up for by a good one in the body', async () => {
    const answer = await door.post('/v1/webhook?writeKey=nobody', { ...call, type: 'track' });
    expect([answer.status, JSON.parse(answer.text).Message]).toEqual([400, 'Invalid or missing writekey']);
  });

  test('without a key in the query the usual places are looked at', async () => {
    expect((await door.post('/v1/webhook', { ...call, type: 'track' })).status).toBe(200);
  });

  test('a call that names no type is refused as a call, and an item as an item', async () => {
    const single = await door.post('/v1/w?writeKey=server', call);
    expect([single.status, JSON.parse(single.text)]).toMatchObject([400, { Error: 'Bad Request' }]);
    const body = { batch: [call, { ...call, type: 'page' }] };
    const batch = await door.post('/v1/w?writeKey=server', body);
    expect([batch.status, JSON.parse(batch.text)]).toMatchObject([
      207,
      { Success: false, Errors: [{ index: 0 }] },
    ]);
    const php = await door.post('/v1/w?writeKey=server', body, { 'user-agent': 'analytics-php/3.8.0' });
    expect([php.status, php.text]).toEqual([200, batch.text]);
  });
});

describe('what SDKs report about themselves', () => {
  test.each(['/v1/m', '/v1/m/', '/m'])('is taken at %s and dropped', async (path) => {
    const answer = await door.post(path, { series: [{ type: 'Counter', metric: 'x', value: 1, tags: {} }] });
    expect([answer.status, answer.text]).toEqual([200, '{"success":true}']);
    expect([door.log.groups, door.observer.told]).toEqual([[], []]);
  });

  test('is bounded', async () => {
    expect((await door.send({ path: '/v1/m', body: 'x'.repeat(500 * 1024 + 1) })).status).toBe(413);
  });
});
