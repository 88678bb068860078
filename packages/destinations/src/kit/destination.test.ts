import type { Event } from '@metarouter/events';
import { expect, test } from 'vitest';
import { works } from './connection-test.ts';
import { type Declaration, destination, LEFT_TO_BROWSER } from './destination.ts';
import { get, post, refuse, skip } from './request.ts';
import { secret } from './text-field.ts';
import { VENDOR } from './vendor.fixture.ts';

const fields = {
  token: secret({ label: 'Token', description: 'A token.', pattern: { matches: /^\w+$/, mustBe: 'a word' } }),
};
const event: Event = {
  type: 'track',
  event: 'Seen',
  messageId: 'm',
  userId: 'u',
  timestamp: '',
  receivedAt: '',
};

/** A vendor with an API and these handlers. */
function vendor(on: Declaration<typeof fields, Record<never, never>>['on']) {
  return destination({
    ...VENDOR,
    connection: fields,
    api: {
      url: () => 'https://api.vendor.example',
      authorization: ({ token }) => `Bearer -${token}`,
    },
    on,
  });
}

test('a path is put behind the address of the API, with its credentials; an endpoint replaces the address', () => {
  const { prepare } = vendor({ track: () => post('/events', { a: 1 }) });
  const headers = { 'content-type': 'application/json', authorization: 'Bearer -t' };
  const request = {
    key: '/events',
    method: 'POST',
    url: 'https://api.vendor.example/events',
    headers,
    body: { a: 1 },
  };
  expect(prepare({ token: 't' }, {})(event)).toEqual({ requests: [request], notes: [] });
  for (const endpoint of ['https://proxy.example/v', 'https://proxy.example/v//'])
    expect(prepare({ token: 't', endpoint }, {})(event)).toMatchObject({
      requests: [{ key: '/events', url: 'https://proxy.example/v/events' }],
    });
});

test.each(['/a/../b', '/a/.', '/a/..', '/%2e%2E/b', '/a/.%2e?c', '/./#c', '/a\\..\\b'])(
  'the path %s is never sent: it would lead elsewhere',
  (path) => {
    const { prepare } = vendor({ track: () => post(path, {}) });
    expect(() => prepare({ token: 't' }, {})(event)).toThrow('a path has a segment that is a step');
  },
);

test.each(['/a/...', '/a..b/.c', '/a%2F..%2Fb', '/a/%2e%2e%2e'])('the path %s is sent as it is', (path) => {
  const answer = vendor({ track: () => post(path, {}) }).prepare({ token: 't' }, {})(event);
  expect(answer).toMatchObject({ requests: [{ url: `https://api.vendor.example${path}` }] });
});

test('only a destination with an API has an endpoint, and it has it without saying so', () => {
  const own = destination({ ...VENDOR, connection: fields, on: {} });
  expect(Object.keys(own.connection)).toEqual(['token']);
  expect(own.check({ token: 't', endpoint: 'https://a.example' }, {})).toHaveLength(1);
  expect(Object.keys(vendor({}).connection)).toEqual(['token', 'endpoint']);
  expect(vendor({}).check({ token: 't', endpoint: 'https://a.example' }, {})).toEqual([]);
});

test('what the Authorization header makes of a secret is on the list of what is never shown', () => {
  expect(vendor({}).secrets({ token: 't' }, {})).toEqual(['t', '-t']);
  expect(vendor({}).secrets({ token: '!' }, {})).toEqual(['!']);
});

test('a handler may answer with a request, several, a reason for none, or with notes', () => {
  const answered = (answer: ReturnType<NonNullable<Parameters<typeof vendor>[0]['track']>>) =>
    vendor({ track: () => answer }).prepare({ token: 't' }, {})(event);
  expect(answered([post('/a', 1), post('/b', 2)])).toMatchObject({
    requests: [{ body: 1 }, { body: 2 }],
    notes: [],
  });
  expect(answered({ requests: [post('/a', 1)], notes: ['b'] })).toMatchObject({
    requests: [{ body: 1 }],
    notes: ['b'],
  });
  expect(answered(skip('not ours'))).toEqual({ skip: 'not ours' });
  expect(answered(refuse('too long'))).toEqual({ refuse: 'too long' });
  expect(() => answered([])).toThrow('it sends nothing and does not say why');
});

test('an event goes to the handler of its type, else to the one for any, else it is skipped', () => {
  const plan = vendor({ page: () => skip('page'), any: () => skip('any') }).prepare({ token: 't' }, {});
  expect(plan({ ...event, type: 'page' })).toEqual({ skip: 'page' });
  for (const type of ['identify', 'track', 'screen', 'group', 'alias'] as const)
    expect(plan(Object({ ...event, type }))).toEqual({ skip: 'any' });
  expect(vendor({}).prepare({ token: 't' }, {})(event)).toEqual({ skip: 'Vendor takes no track calls' });
});

test('what only browsers send to gets nothing from the server, whatever the event is', () => {
  const page = destination({
    ...VENDOR,
    modes: ['device'],
    connection: {},
    on: { track: () => post('/', 1) },
  });
  const plan = page.prepare({}, {});
  for (const type of ['identify', 'track', 'page', 'screen', 'group', 'alias', 'custom'] as const)
    expect(plan(Object({ ...event, type }))).toBe(LEFT_TO_BROWSER);
});

test('what headers make of a secret is known also where the config cannot be used', () => {
  expect(vendor({}).secrets({ token: 't' }, { unknown: 1 })).toEqual(['t', '-t']);
});

test('a test of a connection goes to its address with its credentials, and the answers are read with them', () => {
  const asking = destination({
    ...VENDOR,
    connection: fields,
    api: { url: () => 'https://api.vendor.example', authorization: ({ token }) => `Bearer -${token}` },
    test: {
      asks: 'Asks.',
      requests: () => [get('/me')],
      read: ([answer], { token }) => works(`${token} ${String(answer?.json)}`),
    },
    on: {},
  });
  expect(asking.tested).toBe('Asks.');
  const trial = asking.test({ token: 't', endpoint: 'https://proxy.example/' });
  if ('unchecked' in trial) expect.fail('it has a test');
  expect(trial.requests).toEqual([
    {
      key: '/me',
      method: 'GET',
      url: 'https://proxy.example/me',
      headers: { authorization: 'Bearer -t' },
      body: undefined,
    },
  ]);
  expect(trial.read([{ failure: undefined, json: 1 }])).toEqual({ verdict: 'works', sentence: 't 1' });
  expect(() => asking.test({ token: '!' })).toThrow('connection.token must be a word');
});

test('where nothing can be checked, the reason is there in place of a test', () => {
  expect(vendor({}).test({ token: 't' })).toEqual({ unchecked: 'Nothing is checked.' });
  expect(vendor({}).tested).toBe('Nothing is checked.');
});
