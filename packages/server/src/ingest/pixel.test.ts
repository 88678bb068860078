import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ServedDoor, serveDoor } from './door.fixture.ts';

let door: ServedDoor;
beforeEach(async () => {
  door = await serveDoor();
});
afterEach(() => door[Symbol.asyncDispose]());

const call = { writeKey: 'server', userId: 'u1', event: 'e', groupId: 'g', previousId: 'p', messageId: 'm1' };

/** What the answer must be, whatever happened. */
const picture = {
  status: 200,
  headers: {
    'content-type': 'image/gif',
    'content-length': '43',
    'cache-control': expect.stringContaining('no-store'),
    pragma: 'no-cache',
    expires: '0',
  },
};

const base64 = (value: unknown, encoding: BufferEncoding = 'base64') =>
  Buffer.from(JSON.stringify(value)).toString(encoding);

/** A path with the call as `data`, escaped as it should be. */
const pixel = (value: unknown) => `/v1/pixel/track?data=${encodeURIComponent(base64(value))}`;

describe('data in base64', () => {
  test.each(['identify', 'track', 'page', 'screen', 'group', 'alias'])(
    'a pixel of type %s stores the call and shows a picture',
    async (type) => {
      const answer = await door.get(`/v1/pixel/${type}?data=${encodeURIComponent(base64(call))}`);
      expect(answer).toMatchObject(picture);
      expect(answer.bytes.subarray(0, 6).toString()).toBe('GIF89a');
      expect(door.log.events).toMatchObject([{ ...call, type }]);
    },
  );

  // Its base64 holds a plus, a slash and padding.
  const wide = { ...call, event: 'a~~~?>ÿ»' };

  test.each([
    ['escaped', encodeURIComponent(base64(wide))],
    ['as it is', base64(wide)],
    ['without padding', base64(wide).replaceAll('=', '')],
    ['URL-safe', base64(wide, 'base64url')],
  ])('is read %s', async (_, data) => {
    await door.get(`/v1/pixel/track?data=${data}`);
    expect(door.log.events).toMatchObject([{ event: wide.event }]);
  });

  test('the write key may also stand in the query', async () => {
    const { writeKey, ...keyless } = call;
    await door.get(`${pixel(keyless)}&writeKey=server`);
    expect(door.log.records.map(({ source }) => source)).toEqual(['server']);
  });
});

describe('dotted parameters', () => {
  test('make the call that they spell', async () => {
    const query =
      'userId=user_123&event=Email Opened&properties.subject=The Electric Daily&properties.email=jane.kim@example.com' +
      '&properties.a.b=1&writeKey=server';
    expect(await door.get(`/v1/pixel/track?${query.replaceAll(' ', '%20')}`)).toMatchObject(picture);
    expect(door.log.events).toMatchObject([
      {
        userId: 'user_123',
        event: 'Email Opened',
        properties: { subject: 'The Electric Daily', email: 'jane.kim@example.com', a: { b: '1' } },
      },
    ]);
  });

  test('what is switched off there is off, and properties stay texts', async () => {
    const flags = 'integrations.All=false&integrations.Mixpanel=true&context.active=false&properties.a=false';
    await door.get(`/v1/pixel/track?writeKey=server&userId=u&event=e&${flags}`);
    expect(door.log.events).toMatchObject([
      {
        integrations: { All: false, Mixpanel: true },
        context: { active: false },
        properties: { a: 'false' },
      },
    ]);
  });

  test.each([
    ['__proto__.polluted=1', 'the key __proto__ is not allowed: rename it'],
    ['constructor.prototype.polluted=1', undefined],
    [`properties.${'a.'.repeat(4_000)}b=1`, expect.stringContaining('nested deeper than 64 levels')],
  ])('%.40s does no harm', async (parameter, details) => {
    const answer = await door.get(`/v1/pixel/track?writeKey=server&userId=u&event=e&${parameter}`);
    expect(answer).toMatchObject(picture);
    expect({}).not.toHaveProperty('polluted');
    expect(door.samples.of('server')[0]?.details).toEqual(details);
  });
});

/** A call that is fine but for a byte that no UTF-8 has. */
const broken = Buffer.from(JSON.stringify({ ...call, event: 'ÿ' }), 'latin1');

describe('what is wrong is not shown to the reader of a mail', () => {
  test.each([
    ['nothing', '/v1/pixel/track', 'invalid_write_key'],
    ['no base64', '/v1/pixel/track?data=%00%ff!!', 'invalid_body'],
    ['base64 of no JSON', '/v1/pixel/track?data=aGVsbG8', 'invalid_body'],
    ['invalid UTF-8', `/v1/pixel/track?data=${broken.toString('base64url')}`, 'invalid_body'],
    ['an unknown key', pixel({ ...call, writeKey: 'nobody' }), 'invalid_write_key'],
    ['a disabled source', pixel({ ...call, writeKey: 'off' }), 'invalid_write_key'],
    ['no event', pixel({ ...call, event: '' }), 'invalid_event'],
  ])('%s is answered with the picture, counted and sampled', async (_, path, reason) => {
    expect(await door.get(path)).toMatchObject(picture);
    expect(door.log.records).toEqual([]);
    expect(door.observer.told).toEqual([expect.stringMatching(`^rejected .* ${reason} 1$`)]);
    const source = reason === 'invalid_event' ? 'server' : undefined;
    expect(door.samples.of(source)).toMatchObject([{ route: '/v1/pixel/track', reason }]);
  });

  test('nor is a log that takes nothing', async () => {
    door.log.next = async () => ({ kind: 'refused', why: 'overloaded' });
    expect(await door.get(pixel(call))).toMatchObject(picture);
    expect(door.observer.told).toEqual(['rejected server unavailable 1']);
  });

  test('whatever the query, the answer is the picture', async () => {
    const query = fc.oneof(
      fc.webQueryParameters(),
      fc.base64String().map((data) => `data=${data}`),
      fc.jsonValue().map((value) => `data=${base64({ ...call, properties: value }, 'base64url')}`),
    );
    await fc.assert(
      fc.asyncProperty(query, async (text) => {
        expect((await door.get(`/v1/pixel/track?${text}`)).status).toBe(200);
      }),
      { numRuns: 200 },
    );
  });
});

test('no picture is sent before its event is durable', async () => {
  let store = () => {};
  const asked = new Promise<void>((isAsked) => {
    door.log.next = () =>
      new Promise((resolve) => {
        store = () => resolve({ kind: 'stored' });
        isAsked();
      });
  });
  let answered = false;
  const answer = door.get(pixel(call)).then(() => {
    answered = true;
  });
  await asked;
  await door.get('/v1/pixel/track');
  expect(answered).toBe(false);
  store();
  await answer;
});

test('HEAD is answered like GET, and stores nothing', async () => {
  const answer = await door.send({ method: 'HEAD', path: pixel(call) });
  expect(answer).toMatchObject({ ...picture, text: '' });
  expect([door.log.records, door.observer.told]).toEqual([[], []]);
});

test('other methods are told so', async () => {
  const answer = await door.send({ path: '/v1/pixel/track', body: '{}' });
  expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
});
