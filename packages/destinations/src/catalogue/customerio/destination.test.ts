import type { Event } from '@metarouter/events';
import { describe, expect, test } from 'vitest';
import type { OutgoingRequest } from '../../kit/request.ts';
import { customerio } from './destination.ts';

const CONNECTION = { siteId: 'site', apiKey: 'key' };
const plan = customerio.prepare(CONNECTION, {});
const frame = {
  messageId: 'm-1',
  userId: 'u-1',
  timestamp: '2026-03-01T09:00:00.250Z',
  receivedAt: '2026-03-01T09:00:01.250Z',
} as const;

function sendingOf(event: Event): {
  readonly requests: readonly OutgoingRequest[];
  readonly notes: readonly string[];
} {
  const answer = plan(event);
  if ('requests' in answer) return answer;
  throw new Error(JSON.stringify(answer));
}

const bodiesOf = (event: Event) => sendingOf(event).requests.map(({ body }) => body);
const pathsOf = (event: Event) =>
  sendingOf(event).requests.map(
    ({ method, url }) => `${method} ${url.replace('https://track.customer.io', '')}`,
  );

describe('identify', () => {
  const identify = (traits?: Readonly<Record<string, unknown>>): Event => ({
    ...frame,
    type: 'identify',
    ...(traits && { traits }),
  });

  test.each([[true], [false]])('says unsubscribed: %j when that is given', (unsubscribed) => {
    expect(bodiesOf(identify({ unsubscribed }))).toEqual([{ unsubscribed }]);
  });

  test('says nothing about the subscription when nothing is given', () => {
    expect(bodiesOf(identify({ email: 'a@b.example' }))).toEqual([{ email: 'a@b.example' }]);
    expect(bodiesOf(identify())).toEqual([{}]);
    expect(bodiesOf(identify({ unsubscribed: null, plan: 'Team' }))).toEqual([{ plan: 'Team' }]);
  });

  test('a trait that would be a command is left out and named, and takes no place of the thirty', () => {
    const commands = { id: 'other', cio_id: 'deadbeef', _update: true, cio_relationships: {} };
    const attributes = Object.fromEntries(Array.from({ length: 30 }, (_, number) => [`t${number}`, number]));
    const { requests, notes } = sendingOf(identify({ ...commands, ...attributes }));
    expect(requests[0]?.body).toEqual(attributes);
    expect(notes).toEqual(['Left out (commands to Customer.io): id, cio_id, _update, cio_relationships']);
  });

  test('has the traits of the context where it has none of its own', () => {
    const context = { traits: { plan: 'Team' } };
    expect(bodiesOf({ ...identify(), context })).toEqual([context.traits]);
    expect(bodiesOf({ ...identify({ city: 'Bern' }), context })).toEqual([{ city: 'Bern' }]);
  });

  test.each([
    ['2026-02-01T12:00:00Z', 1_769_947_200],
    [1_769_947_200, 1_769_947_200],
    [1_769_947_200_999, 1_769_947_200],
    ['long ago', 'long ago'],
  ])('a createdAt of %j is the created_at %j', (createdAt, created_at) => {
    expect(bodiesOf(identify({ createdAt }))).toEqual([{ created_at }]);
    expect(bodiesOf(identify({ createdAt: 1, created_at: createdAt }))).toEqual([{ created_at }]);
  });

  test('thirty traits go whole; of more, email, unsubscribed and created_at are kept whatever their place', () => {
    const traits = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, number) => [`t${number}`, number]));
    expect(bodiesOf(identify(traits(30)))).toEqual([traits(30)]);
    expect(sendingOf(identify(traits(30))).notes).toEqual([]);
    const late = { createdAt: 1, unsubscribed: false, email: 'a@b.example' };
    const { requests, notes } = sendingOf(identify({ ...traits(30), ...late }));
    expect(Object.keys(Object(requests[0]?.body))).toEqual([
      'email',
      'unsubscribed',
      'created_at',
      ...Object.keys(traits(27)),
    ]);
    expect(notes).toEqual(['Left out (Customer.io takes 30 traits a call): t27, t28, t29']);
  });

  test('a trait that is too long is left out and named, and never cut; its place goes to another', () => {
    const fits = { ['n'.repeat(150)]: 1, text: 'v'.repeat(1_000), nested: { a: 'v'.repeat(991) } };
    const tooLong = { ['n'.repeat(151)]: 1, umlauts: 'ü'.repeat(501), deep: { a: 'v'.repeat(993) } };
    const { requests, notes } = sendingOf(identify({ ...tooLong, ...fits }));
    expect(requests[0]?.body).toEqual(fits);
    expect(notes).toEqual([
      `Left out (longer than 1000 bytes, or 150 in the name): ${Object.keys(tooLong).join(', ')}`,
    ]);
  });
});

describe('without a userId', () => {
  test.each([
    ['identify', { traits: { email: 'a@b.example' } }],
    ['track', { event: 'Seen' }],
    ['page', { name: 'Home' }],
    ['screen', { name: 'Home' }],
    ['group', { groupId: 'g' }],
    ['alias', { previousId: 'p' }],
  ] as const)('%s is skipped with the reason', (type, fields) => {
    const { userId: _, ...anonymous } = { ...frame, anonymousId: 'a' };
    for (const event of [
      { ...anonymous, ...fields, type },
      { ...anonymous, ...fields, type, userId: '' },
    ])
      expect(plan(Object(event))).toEqual({ skip: expect.stringMatching(/^no userId: .*email/) });
  });
});

describe('an id in a path', () => {
  test.each([
    ['a/b', 'a%2Fb'],
    ['../../v2', '..%2F..%2Fv2'],
    ['a b?c#d%', 'a%20b%3Fc%23d%25'],
    ['john@example.com', 'john%40example.com'],
    ['zoë', 'zo%C3%AB'],
    ['\ud800', '%EF%BF%BD'],
  ])('%j is percent-encoded, and stays one segment for whoever reads the URL', (userId, segment) => {
    expect(pathsOf({ ...frame, userId, type: 'identify' })).toEqual([`PUT /api/v1/customers/${segment}`]);
    const uninstalled = { ...frame, type: 'track', event: 'Application Uninstalled' } as const;
    expect(pathsOf({ ...uninstalled, context: { device: { token: userId } } })[1]).toBe(
      `DELETE /api/v1/customers/u-1/devices/${segment}`,
    );
  });

  test.each([['.'], ['..'], ['x'.repeat(151)], ['ü'.repeat(76)]])(
    '%j cannot be sent, and becomes a dead letter',
    (userId) => {
      expect(plan({ ...frame, userId, type: 'identify' })).toEqual({
        refuse: expect.stringContaining('userId'),
      });
    },
  );
});

describe('an event', () => {
  const track = (event: string, properties = {}): Event => ({ ...frame, type: 'track', event, properties });

  test('happened when it happened, in whole seconds, and has an id that is the same at every attempt only', () => {
    const [first] = bodiesOf(track('Seen'));
    expect(first).toMatchObject({
      timestamp: 1_772_355_600,
      id: expect.stringMatching(/^01[0-9A-HJKMNP-TV-Z]{24}$/),
    });
    expect(bodiesOf(track('Seen'))).toEqual([first]);
    expect(bodiesOf({ ...frame, messageId: 'm-2', type: 'track', event: 'Seen' })).not.toEqual([first]);
  });

  test('has a name of 1 to 100 bytes, without spaces around it', () => {
    expect(bodiesOf(track(' Seen '))).toMatchObject([{ name: 'Seen' }]);
    expect(bodiesOf(track('é'.repeat(50)))).toMatchObject([{ name: 'é'.repeat(50) }]);
    for (const name of [' ', 'é'.repeat(51)])
      expect(plan(track(name))).toEqual({ refuse: expect.stringMatching(/^the name is/) });
  });

  test('has properties of at most 100,000 bytes', () => {
    expect(bodiesOf(track('Seen', { a: 'x'.repeat(99_992) }))).toHaveLength(1);
    expect(plan(track('Seen', { a: 'x'.repeat(99_993) }))).toEqual({
      refuse: expect.stringContaining('100000 bytes'),
    });
  });
});

describe.each(['page', 'screen'] as const)('a %s', (type) => {
  const view = (fields: Partial<Event>): Event => Object({ ...frame, type, ...fields });
  const long = `https://example.com/${'p'.repeat(70)}?q=${'q'.repeat(70)}#f`;

  test.each([
    ['its name', { name: 'Home', properties: { url: 'https://a.example/' } }, 'Home'],
    ['the URL of its properties', { properties: { url: 'https://a.example/?b' } }, 'https://a.example/?b'],
    [
      'the URL of its context',
      { properties: { url: '' }, context: { page: { url: 'https://a.example/' } } },
      'https://a.example/',
    ],
    [
      'its URL when its name is blank',
      { name: ' ', properties: { url: 'https://a.example/' } },
      'https://a.example/',
    ],
    ['a long URL without its query', { properties: { url: long } }, `https://example.com/${'p'.repeat(70)}`],
    [
      'the beginning of a very long URL',
      { properties: { url: `https://e.com/${'ü'.repeat(90)}` } },
      `https://e.com/${'ü'.repeat(43)}`,
    ],
  ])('is named by %s', (_, fields, name) => {
    expect(bodiesOf(view(fields))).toMatchObject([{ type, name }]);
  });

  test('keeps the whole URL that it is named by', () => {
    const context = { page: { url: long } };
    expect(bodiesOf(view({ context }))).toMatchObject([{ data: { url: long } }]);
    expect(bodiesOf(view({ properties: { url: '' }, context }))).toMatchObject([{ data: { url: long } }]);
  });

  test.each([[{}], [{ name: '' }], [{ name: ' ', properties: { url: ' ' } }], [{ properties: { url: 7 } }]])(
    'is skipped when it has neither name nor URL: %j',
    (fields) => {
      expect(plan(view(fields))).toEqual({ skip: `a ${type} call with neither name nor URL` });
    },
  );
});

describe('a device', () => {
  const app = (event: string, context: object): Event => ({
    ...frame,
    type: 'track',
    event,
    context: { ...context },
  });
  const phone = { device: { token: 't-1', type: 'Android' } };

  test.each([['Application Installed'], ['Application Opened']])('is kept when there was: %s', (event) => {
    expect(bodiesOf(app(event, phone))[1]).toEqual({
      device: { id: 't-1', platform: 'android', last_used: 1_772_355_600 },
    });
  });

  test('goes by its system where its type says nothing', () => {
    const context = { device: { token: 't-1' }, os: { name: 'iOS' } };
    expect(bodiesOf(app('Application Opened', context))[1]).toMatchObject({ device: { platform: 'ios' } });
  });

  test.each([
    ['the user was not active', { ...phone, active: false }],
    ['there is no token', { device: { type: 'ios' } }],
    ['nothing can be pushed to it', { device: { token: 't-1', type: 'web' } }],
    ['nothing is known', {}],
  ])('is left alone when %s, and the event is sent all the same', (_, context) => {
    expect(pathsOf(app('Application Opened', context))).toEqual(['POST /api/v1/customers/u-1/events']);
  });

  test.each([['.'], ['..']])(
    'with the token %j is left alone: its path would be the path of the person',
    (token) => {
      expect(pathsOf(app('Application Uninstalled', { device: { token } }))).toEqual([
        'POST /api/v1/customers/u-1/events',
      ]);
    },
  );

  test.each([['Application Opened'], ['Application Uninstalled']])(
    'with a token over 4,096 bytes is left out of %s and named, and the event is sent all the same',
    (event) => {
      const withToken = (token: string) => sendingOf(app(event, { device: { token, type: 'ios' } }));
      for (const token of ['t'.repeat(4_096), 'ü'.repeat(2_048)]) {
        expect(withToken(token).requests).toHaveLength(2);
        expect(withToken(token).notes).toEqual([]);
      }
      for (const token of ['t'.repeat(4_097), 'ü'.repeat(2_049)]) {
        expect(withToken(token).requests).toHaveLength(1);
        expect(withToken(token).notes).toEqual(['Left out (longer than 4096 bytes): device.token']);
      }
    },
  );

  test('is left alone by all other events', () => {
    expect(pathsOf(app('Seen', phone))).toHaveLength(1);
  });
});

describe('group and alias', () => {
  const group = (traits: object, userId = 'u-1'): Event => ({
    ...frame,
    userId,
    type: 'group',
    groupId: 'g',
    traits: { ...traits },
  });

  test('a group has the type and the relation that its traits give, and not as attributes', () => {
    const traits = {
      objectTypeId: 2,
      relationshipAttributes: { role: 'admin' },
      createdAt: '2026-02-01T12:00:00Z',
    };
    expect(bodiesOf(group(traits))).toEqual([
      {
        type: 'object',
        action: 'identify',
        identifiers: { object_type_id: '2', object_id: 'g' },
        attributes: { created_at: 1_769_947_200 },
        cio_relationships: [{ identifiers: { id: 'u-1' }, relationship_attributes: { role: 'admin' } }],
      },
    ]);
  });

  test.each([
    ['2', '2'],
    [2, '2'],
    [null, '1'],
    [undefined, '1'],
  ])('the objectTypeId %j is the type %j', (objectTypeId, object_type_id) => {
    expect(bodiesOf(group({ objectTypeId }))).toMatchObject([{ identifiers: { object_type_id } }]);
  });

  test.each([[{}], [[]], [true]])('an objectTypeId of %j names no type: a dead letter', (objectTypeId) => {
    expect(plan(group({ objectTypeId }))).toEqual({
      refuse: 'the objectTypeId is neither a text nor a number',
    });
  });

  test('a group that is too large becomes a dead letter', () => {
    expect(plan(group({ a: 'x'.repeat(32_768) }))).toEqual({
      refuse: expect.stringContaining('32768 bytes'),
    });
  });

  test.each([
    ['cio_03000001', { cio_id: '03000001' }],
    ['john@example.com', { email: 'john@example.com' }],
    ['12345', { id: '12345' }],
    ['john@', { id: 'john@' }],
  ])('the id %j is named by its kind: %j', (userId, identifiers) => {
    expect(bodiesOf(group({}, userId))).toMatchObject([{ cio_relationships: [{ identifiers }] }]);
    expect(bodiesOf({ ...frame, userId, type: 'alias', previousId: 'before' })).toEqual([
      { primary: identifiers, secondary: { id: 'before' } },
    ]);
  });

  test('nobody is merged with himself', () => {
    expect(plan({ ...frame, type: 'alias', previousId: 'u-1' })).toEqual({
      skip: expect.stringContaining('same'),
    });
  });
});

test.each([
  [{}, 'connection.siteId', 'is required'],
  [{ siteId: 's' }, 'connection.apiKey', 'is required'],
  [
    { ...CONNECTION, siteId: 'a:b' },
    'connection.siteId',
    'must be a Site ID as Customer.io shows it, without spaces',
  ],
  [
    { ...CONNECTION, apiKey: 'a b' },
    'connection.apiKey',
    'must be an API key as Customer.io shows it, without spaces',
  ],
  [{ ...CONNECTION, region: 'asia' }, 'connection.region', 'must be one of us, eu'],
  [{ ...CONNECTION, region: 'toString' }, 'connection.region', 'must be one of us, eu'],
  [
    { ...CONNECTION, endpoint: 'https://a.example/?b' },
    'connection.endpoint',
    'must be an http or https URL without user name, password, query and fragment',
  ],
])('a stored connection that cannot work is refused with its path: %j', (connection, path, message) => {
  expect(customerio.check(connection, {})).toEqual(expect.arrayContaining([{ path, message }]));
});

test('the API key is never shown, neither as it is stored nor as it is sent', () => {
  expect(customerio.secrets(CONNECTION, {})).toEqual(['key', 'c2l0ZTprZXk=']);
});

test.each([
  ['rejected', [400, 413]],
  ['misconfigured', [301, 302, 307, 308, 401, 403, 404]],
  ['retry', [429, 500, 502, 503, 504]],
])('%s: the answers %j', (kind, statuses) => {
  for (const status of statuses) expect(customerio.outcomes[status]?.kind).toBe(kind);
});
