import type { Context } from '@metarouter/events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Platform, Source } from '../store/workspace.ts';
import { type ServedDoor, serveDoor } from './door.fixture.ts';

/** The write keys of the documented examples. */
const sources = new Map(
  ['ILoveData123', 'test1', 'example', 'abcdefg'].map((id) => [id, sourceOf(id, 'server')]),
);

function sourceOf(id: string, platform: Platform): Source {
  return { id, name: id, organization: 'Acme', platform, enabled: true };
}

let door: ServedDoor;
beforeEach(async () => {
  door = await serveDoor({ workspace: () => ({ sources, pipelines: [] }) });
});
afterEach(() => door[Symbol.asyncDispose]());

const basic = { authorization: 'Basic SUxvdmVEYXRhMTIz', 'content-type': 'application/json' };
const accepted = { status: 200, text: '{"success":true}' };

describe('the documented calls', () => {
  const calls: readonly (readonly [type: string, call: Readonly<Record<string, unknown>>])[] = [
    [
      'identify',
      {
        userId: '1234qwerty',
        traits: { name: 'Arthur Dent', email: 'earthling1@hitchhikersguide.com', hasTowel: true },
        timestamp: '2015-11-10T00:45:23.412Z',
        type: 'identify',
      },
    ],
    [
      'track',
      {
        userId: '1234qwerty',
        event: 'Added File',
        properties: { fileTitle: 'Life, the Universe, and Everything', fileSize: '42kb', fileType: 'PDF' },
        timestamp: '2015-11-10T00:45:23.412Z',
        type: 'track',
      },
    ],
    [
      'page',
      {
        userId: '1234qwerty',
        section: 'Blog',
        name: '10 Questions with Marvin, the clinically depressed robot',
        properties: { referrer: 'http://reddit.com/r/AMA' },
        type: 'page',
      },
    ],
    [
      'group',
      {
        userId: '1234qwerty',
        groupId: '5678dvorak',
        traits: { name: 'The Hitchhikers', relativePosition: '[39.1000 N, 84.5167 W]' },
        type: 'group',
      },
    ],
    [
      'alias',
      {
        previousId: 'anonymous_id',
        userId: 'assigned_id_or_email',
        timestamp: '2015-11-10T00:45:23.412Z',
        type: 'alias',
      },
    ],
  ];

  test.each(
    calls.flatMap(([type, call]) => [
      [`/v1/${type}`, call] as const,
      [`/v1/${type.charAt(0)}`, call] as const,
    ]),
  )('POST %s with the documented Authorization stores the documented event', async (path, call) => {
    expect(await door.post(path, call, basic)).toMatchObject(accepted);
    expect(door.log.records).toMatchObject([{ source: 'ILoveData123', orderKey: call.userId }]);
    expect(door.log.events).toMatchObject([call]);
  });
});

describe('the documented batch', () => {
  const batch = {
    batch: [
      {
        anonymousId: 'cf09e649-fd0b-46b6-9fc1-53ab9cd05c47',
        messageId: '317b11a8-8cd3-40ad-b3fb-622835c42cfd',
        sentAt: '2020-03-02T18:29:53.661Z',
        timestamp: '2020-03-02T18:29:27.333Z',
        type: 'track',
        writeKey: 'test1',
        event: 'example 1 event',
      },
      {
        anonymousId: 'cf09e649-fd0b-46b6-9fc1-53ab9cd05c47',
        messageId: '317b11a8-8cd3-40ad-b3fb-123d417b11a8',
        sentAt: '2020-03-02T18:29:53.661Z',
        timestamp: '2020-03-02T18:29:27.333Z',
        type: 'track',
        writeKey: 'test1',
        event: 'example 1 event',
      },
    ],
    context: {
      page: {
        path: '/mycart/home',
        referrer: 'https://www.example.com/',
        title: 'Example - Shopping Cart',
        url: 'https://www.example.com/mycart/home',
      },
      userAgent:
        'Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.3987.122 Safari/537.36',
    },
    integrations: { All: false, Mixpanel: true },
  };

  test.each(['/v1/batch', '/v1/import'])(
    'POST %s stores each event with what is around them',
    async (path) => {
      expect(await door.post(path, batch)).toMatchObject(accepted);
      const { context, integrations } = batch;
      expect(door.log.events).toMatchObject(
        batch.batch.map(({ timestamp, ...event }) => ({
          ...event,
          originalTimestamp: timestamp,
          // 26.328 seconds before it was sent, and so before it was received.
          timestamp: '2026-03-01T11:59:33.672Z',
          context,
          integrations,
        })),
      );
    },
  );

  test('is no batch with one event that is not valid', async () => {
    const { userId, ...bad } = { userId: 'nobody', ...batch.batch[0], anonymousId: undefined };
    const answer = await door.post('/v1/batch', { ...batch, batch: [batch.batch[1], bad] });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      207,
      { Success: false, Errors: [{ index: 1 }] },
    ]);
  });
});

describe('the documented pixel', () => {
  const data =
    'ewogICAgImludGVncmF0aW9ucyI6IHt9LAogICAgImNvbnRleHQiOiB7CiAgICAgICAgInBhZ2UiOiB7CiAgICAgICAgICAgICJwYXRoIjogIi9ob21lIgogICAgICAgIH0sCiAgICAgICAgImxpYnJhcnkiOiB7CiAgICAgICAgICAgICJuYW1lIjogImFuYWx5dGljcy5qcyIsCiAgICAgICAgICAgICJ2ZXJzaW9uIjogIjMuMi4yMSIKICAgICAgICB9CiAgICB9LAogICAgImV2ZW50IjogImV4YW1wbGUgZXZlbnQiLAogICAgIm1lc3NhZ2VJZCI6ICIxMjM0NTY3ODkwIiwKICAgICJ0eXBlIjogInRyYWNrIiwKICAgICJ3cml0ZUtleSI6ICJleGFtcGxlIiwKICAgICJ1c2VySWQiOiAiMDk4NzY1NDMyMSIKfQ==';

  test('GET /v1/pixel/track?data=… stores the documented payload and shows a picture', async () => {
    const answer = await door.get(`/v1/pixel/track?data=${data}`);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'image/gif']);
    expect(door.log.events).toMatchObject([
      {
        integrations: {},
        context: { page: { path: '/home' }, library: { name: 'analytics.js', version: '3.2.21' } },
        event: 'example event',
        messageId: '1234567890',
        type: 'track',
        writeKey: 'example',
        userId: '0987654321',
      },
    ]);
  });

  test.each(['track', 'page', 'alias', 'identify', 'group'])('/v1/pixel/%s is a route', async (type) => {
    expect((await door.get(`/v1/pixel/${type}?data=${data}`)).status).toBe(200);
  });
});

test('the seventeen documented context fields have their documented types, and are stored beside unknown ones', async () => {
  const context = {
    active: false,
    app: { name: 'Guide', version: '42.0', build: '1' },
    campaign: { name: 'n', source: 's', medium: 'm', term: 't', content: 'c' },
    device: { id: 'd', manufacturer: 'Sirius', model: 'Marvin', name: 'Marvin', type: 'robot', version: '1' },
    ip: '8.8.8.8',
    library: { name: 'analytics.js', version: '3.2.21' },
    locale: 'en-US',
    location: {
      city: 'Islington',
      country: 'UK',
      latitude: 51.5,
      longitude: -0.1,
      region: 'London',
      speed: 0,
    },
    network: { bluetooth: false, carrier: 'Sub-Etha', cellular: true, wifi: false },
    os: { name: 'Linux', version: '6' },
    page: {
      hash: '#h',
      path: '/p',
      referrer: 'r',
      search: '?q',
      title: 't',
      url: 'https://www.example.com/p',
    },
    referrer: { type: 'ad', name: 'n', url: 'u', link: 'l' },
    screen: { density: 2, height: 568, width: 320 },
    timezone: 'America/New_York',
    groupId: '5678dvorak',
    traits: { email: 'earthling1@hitchhikersguide.com' },
    userAgent: 'Mozilla/5.0',
  } satisfies Required<Documented<Context>>;
  expect(Object.keys(context)).toHaveLength(17);
  const sent = { ...context, section: 'Blog', page: { ...context.page, depth: 3 } };
  await door.post('/v1/page', { userId: '1234qwerty', context: sent }, basic);
  expect(door.log.events).toMatchObject([{ context: sent }]);
});

/** The members that have a name of their own, so that neither one too many nor one of another type compiles. */
type Documented<T> = { [K in keyof T as string extends K ? never : K]: T[K] };

describe('the documented webhook', () => {
  test.each(['/v1/webhook', '/v1/w'])(
    'POST %s?writeKey=abcdefg replaces the write key that came',
    async (path) => {
      const call = { userId: '1234qwerty', event: 'Added File', type: 'track', writeKey: 'theirs' };
      expect(await door.post(`${path}?writeKey=abcdefg`, call)).toMatchObject(accepted);
      expect(door.log.records.map(({ source }) => source)).toEqual(['abcdefg']);
      expect(door.log.events).toMatchObject([{ ...call, writeKey: 'abcdefg' }]);
    },
  );
});

describe('the documented errors', () => {
  test('of a call', async () => {
    const answer = await door.post('/v1/track', { userId: '1234qwerty', event: 'Added File' });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      400,
      { Error: 'Bad Request', Message: 'Invalid or missing writekey', Details: '' },
    ]);
  });

  test('of a batch', async () => {
    const answer = await door.send({ path: '/v1/batch', body: ' '.repeat(500 * 1024 + 1) });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      413,
      {
        Success: false,
        Errors: [
          { Error: 'Bad Request', Message: 'Error reading request body', Details: 'HTTP request too large' },
        ],
      },
    ]);
  });

  test('of a call that is too large', async () => {
    const properties = { fileTitle: 'x'.repeat(15 * 1024) };
    const answer = await door.post(
      '/v1/track',
      { userId: '1234qwerty', event: 'Added File', properties },
      basic,
    );
    expect(answer.status).toBe(413);
  });
});
