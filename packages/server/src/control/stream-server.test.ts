import { connect } from 'node:net';
import { createClient } from 'graphql-sse';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deleteApiKey, listApiKeys } from '../store/api-keys.ts';
import { addMember, removeMember } from '../store/members.ts';
import { createUser, updateUser } from '../store/users.ts';
import { OPERATOR, openControl, type TestControl } from './control.fixture.ts';
import { HEARTBEAT_MS, RECHECK_MS, UNREAD_MS_MAX } from './event-stream.ts';
import { smallSchema } from './small-schema.fixture.ts';
import { STREAMS_A_CALLER } from './stream-server.ts';
import { Ticker } from './ticker.fixture.ts';

const DAY_MS = 86_400_000;
let ticker: Ticker;
let control: TestControl;

beforeEach(async () => {
  ticker = new Ticker();
  control = await openControl(async () => smallSchema(ticker));
});
afterEach(() => control[Symbol.asyncDispose]());

const ticks = () => `subscription { ticks(appId: "${control.source}") }`;
const refused = (code: string, message: RegExp) => [
  { message: expect.stringMatching(message), extensions: { code } },
];

/** Resolves when it holds, in some seconds at most; what it waits for is on its way over a real connection. */
async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 5_000; !holds(); ) {
    if (performance.now() > end) throw new Error(`it does not come true: ${holds}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What a client of the protocol is given, one result after the other. */
function listen(query: string, authorization: string) {
  const client = createClient({
    url: `${control.url}/graphql/stream`,
    headers: { authorization },
    retryAttempts: 0,
  });
  return client.iterate({ query });
}

/** Listens until the server has it on its list. */
async function listening(authorization: string, query = ticks()) {
  const before = ticker.listeners;
  const results = listen(query, authorization);
  const first = results.next();
  await until(() => ticker.listeners > before);
  return { first, results };
}

/** The text of a stream as it comes, until it ends. */
function open(query: string, headers: Record<string, string>) {
  return fetch(`${control.url}/graphql/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query }),
  });
}

/** Has another owner in the place of the one who listens. */
async function removeOwner(): Promise<void> {
  const { organization, user: first, services } = control;
  const now = services.clock.now();
  await services.store.change(OPERATOR, async ({ db }) => {
    const user = await createUser(db, { email: 'next@acme.example', password: null, confirmedAt: now, now });
    if (user === 'conflict') throw new Error('there is one already');
    const next = { organizationId: organization, userId: user.id, role: 'OWNER', access: 'EDIT' } as const;
    await addMember(db, { ...next, sources: undefined, now });
    await removeMember(db, organization, first);
  });
}

test('a client of the protocol is given each result, and the server forgets it when it leaves', async () => {
  const { first, results } = await listening(await control.token());
  ticker.send(1);
  expect((await first).value).toEqual({ data: { ticks: 1 } });
  ticker.send(2);
  expect((await results.next()).value).toEqual({ data: { ticks: 2 } });
  await results.return?.();
  await until(() => ticker.listeners === 0);
});

test('an API key opens a stream too', async () => {
  const { first } = await listening(control.key);
  ticker.send(1);
  expect((await first).value).toEqual({ data: { ticks: 1 } });
});

test.each([
  ['strangers', '', () => ticks(), 'UNAUTHENTICATED', /token from createToken/],
  [
    'strangers, of the schema',
    '',
    () => 'subscription { __schema { types { name } } }',
    'UNAUTHENTICATED',
    /token/,
  ],
  [
    'those who ask for a foreign source',
    'token',
    () => 'subscription { ticks(appId: "other") }',
    'NOT_FOUND',
    /no source/,
  ],
  ['those who misspell', 'token', () => 'subscription { tocks }', 'BAD_INPUT', /Cannot query field "tocks"/],
  [
    'those who send a mutation',
    'token',
    () => 'mutation { createToken { success } }',
    'BAD_INPUT',
    /Only subscriptions/,
  ],
  [
    'those who nest too deep',
    'token',
    () => `subscription { ${'a { '.repeat(99)}`,
    'BAD_INPUT',
    /nested 64 deep/,
  ],
])(
  '%s are refused within the stream, so that their client does not try again',
  async (_, who, query, code, message) => {
    const results = listen(query(), who === 'token' ? await control.token() : '');
    expect((await results.next()).value).toMatchObject({ errors: refused(code, message) });
    expect((await results.next()).done).toBe(true);
  },
);

test.each([
  ['a request for JSON', { accept: 'application/json' }, 406],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
])('%s is no request for a stream', async (_, headers, status) => {
  const response = await open(ticks(), { authorization: await control.token(), ...headers });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ errors: refused('BAD_INPUT', /./) });
});

test('a bug in the middle of a stream is masked, and the stream goes on', async () => {
  const { first, results } = await listening(await control.token());
  ticker.send(13);
  const { value } = await first;
  expect(value).toMatchObject({ errors: refused('INTERNAL', /An error of ours/) });
  expect(JSON.stringify(value)).not.toMatch(/hunter2|SELECT/);
  expect(control.bugs).toHaveLength(1);
  ticker.send(14);
  expect((await results.next()).value).toEqual({ data: { ticks: 14 } });
});

test('a source of results that breaks is masked, and the stream ends', async () => {
  const { first, results } = await listening(await control.token());
  ticker.send(new Error('hunter2'));
  const { value } = await first;
  expect(value).toMatchObject({ errors: refused('INTERNAL', /An error of ours/) });
  expect(JSON.stringify(value)).not.toMatch(/hunter2/);
  expect((await results.next()).done).toBe(true);
});

test.each([
  ['the member is removed', removeOwner, 'NOT_FOUND'],
  [
    'the password is changed',
    () =>
      control.services.store.change(OPERATOR, ({ db }) =>
        updateUser(db, control.user, { password: 'a hash' }),
      ),
    'UNAUTHENTICATED',
  ],
])('a stream ends within a minute after %s', async (_, change, code) => {
  const { first, results } = await listening(await control.token());
  await control.clock.pass(RECHECK_MS);
  ticker.send(1);
  expect((await first).value).toEqual({ data: { ticks: 1 } });
  await change();
  const next = results.next();
  await control.clock.pass(RECHECK_MS);
  expect((await next).value).toMatchObject({ errors: refused(code, /./) });
  expect((await results.next()).done).toBe(true);
  expect(ticker.listeners).toBe(0);
});

test('a stream ends within a minute after its key is revoked', async () => {
  const { first } = await listening(control.key);
  const { store } = control.services;
  const [key] = await listApiKeys(store.db, control.organization);
  await store.change(OPERATOR, ({ db }) => deleteApiKey(db, key?.id ?? ''));
  await control.clock.pass(RECHECK_MS);
  expect((await first).value).toMatchObject({ errors: refused('UNAUTHENTICATED', /not valid/) });
});

test('a stream ends when its token has expired', async () => {
  const { first } = await listening(await control.token());
  await control.clock.pass(DAY_MS - 2 * RECHECK_MS);
  expect(ticker.listeners).toBe(1);
  await control.clock.pass(2 * RECHECK_MS);
  expect((await first).value).toMatchObject({ errors: refused('UNAUTHENTICATED', /expired/) });
});

test('a caller may have so many streams at a time, and a closed one makes room', async () => {
  const token = await control.token();
  const streams = [];
  for (let count = 0; count < STREAMS_A_CALLER; count += 1) streams.push(await listening(token));
  const tooMany = listen(ticks(), token);
  expect((await tooMany.next()).value).toMatchObject({
    errors: refused('RATE_LIMITED', /10 streams at a time/),
  });
  await listening(control.key);
  await streams[0]?.results.return?.();
  await until(() => ticker.listeners === STREAMS_A_CALLER);
  const { first } = await listening(token);
  ticker.send(1);
  expect((await first).value).toEqual({ data: { ticks: 1 } });
});

test('comments keep a silent stream alive, and proxies are told not to hold it back', async () => {
  const response = await open(ticks(), { authorization: await control.token() });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe(':\n\n');
  await control.clock.pass(HEARTBEAT_MS);
  expect((await reader?.read())?.value).toBe(':\n\n');
});

test('a stop ends all streams at once, so that it does not wait for them, and lets no new one in', async () => {
  const { first } = await listening(await control.token());
  const broken = expect(first).rejects.toThrow(/closed|terminated/i);
  await control.close();
  await broken;
  expect(ticker.listeners).toBe(0);
});

test('a stop does not wait for what a client opens in the place of a stream that it broke off', async () => {
  // On a connection that was used before, Node's fetch opens another one at once, and asks nothing on it.
  for (let times = 0; times < 2; times += 1) await (await fetch(`${control.url}/explorer`)).text();
  const { first, results } = await listening(await control.token());
  ticker.send(1);
  await first;
  await results.return?.();
  await until(() => ticker.listeners === 0);
  const before = performance.now();
  await control.close();
  expect(performance.now() - before).toBeLessThan(5_000);
});

test('a client that reads nothing does not have us read ahead for it, and is dropped after a while', async () => {
  const authorization = await control.token();
  const body = JSON.stringify({ query: ticks() });
  const { hostname, port } = new URL(control.url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.write(
    `POST /graphql/stream HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\nAccept: text/event-stream\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await until(() => ticker.listeners === 1);
  let sent = 0;
  for (; ticker.unread < 1_000; sent += 1) {
    ticker.send(sent);
    if (sent % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await control.clock.pass(UNREAD_MS_MAX);
  await until(() => ticker.listeners === 0);
  socket.destroy();
});
