import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openControl, type TestControl } from './control.fixture.ts';
import { ALIASES_MAX, COST_MAX, DEPTH_MAX } from './document.ts';
import { OPERATION_MS_MAX } from './graphql-server.ts';
import { BODY_BYTES_MAX, NESTING_MAX } from './operation.ts';
import { TOKENS_MAX } from './readable-query.ts';
import { smallSchema } from './small-schema.fixture.ts';

let control: TestControl;

beforeAll(async () => {
  control = await openControl(async () => smallSchema());
});
afterAll(() => control[Symbol.asyncDispose]());
beforeEach(() => {
  control.bugs.length = 0;
});

/** Posts an operation, as an object or as text, with these headers beside the content type. */
async function post(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${control.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  return { status: response.status, headers: response.headers, body: answer };
}

/** An error as it is answered, with this code and a message like this. */
const refused = (code: string, message: RegExp) => ({
  errors: [{ message: expect.stringMatching(message), extensions: { code } }],
});
const signedIn = async () => ({ authorization: await control.token() });
const deep = (levels: number) => `{ thing ${'{ inner '.repeat(levels)}{ name }${' }'.repeat(levels)} }`;
const spelled = (count: number, text: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => text(at)).join(' ');

test('an operation is answered with its data', async () => {
  const { status, headers, body } = await post({ query: '{ thing { name } }' });
  expect(status).toBe(200);
  expect(body).toEqual({ data: { thing: { name: 'box' } } });
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(headers.get('cache-control')).toBe('no-store');
});

test('of several operations the named one is done, and none without a name', async () => {
  const query = 'query A { thing { name } } query B { caller }';
  expect((await post({ query, operationName: 'A' })).body).toEqual({
    data: { thing: { name: 'box' } },
  });
  expect(await post({ query })).toMatchObject({
    status: 400,
    body: refused('BAD_INPUT', /operationName must say which/),
  });
  const unknown = await post({ query, operationName: 'C' });
  expect(unknown.body).toMatchObject(refused('BAD_INPUT', /no operation C in the query/));
});

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/json',
])('a body of the type "%s", which a foreign page may send, is refused', async (type) => {
  const answer = await post({ query: '{ thing { name } }' }, { 'content-type': type });
  expect(answer).toMatchObject({ status: 415, body: refused('BAD_INPUT', /application\/json/) });
});

test.each([
  ['a body of a type that is none', '{}', { 'content-type': '' }, 415, /Unsupported Media Type/],
  ['a zipped body', '{}', { 'content-encoding': 'gzip' }, 415, /without a Content-Encoding/],
  [
    'a body of 1 MB',
    JSON.stringify({ query: 'x'.repeat(1_000_000) }),
    {},
    413,
    new RegExp(`${BODY_BYTES_MAX / 1024} KB`),
  ],
  ['a batch', '[{"query":"{ caller }"}]', {}, 400, /not taken in batches/],
  ['no JSON', '{', {}, 400, /is not JSON/],
  ['no object', '"{ caller }"', {}, 400, /not a JSON object/],
  ['no query', '{}', {}, 400, /There is no query/],
  ['a query that is none', '{"query":{"kind":"Document"}}', {}, 400, /There is no query/],
  [
    'variables that are none',
    '{"query":"{ caller }","variables":"{}"}',
    {},
    400,
    /variables must be an object/,
  ],
  ['a name that is none', '{"query":"{ caller }","operationName":7}', {}, 400, /operationName must be/],
  [
    'a persisted query',
    '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"0"}}}',
    {},
    400,
    /Persisted queries are not kept/,
  ],
  [
    'variables of 100,000 lists in one another',
    `{"query":"{ caller }","variables":{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
    {},
    400,
    new RegExp(`nested ${NESTING_MAX} deep`),
  ],
  ['a syntax error', '{"query":"{ caller"}', {}, 400, /Syntax Error: Expected Name/],
  ['a field that is not there', '{"query":"{ nothing }"}', {}, 400, /Cannot query field "nothing"/],
  [
    'a wrong variable',
    '{"query":"query($s: Int) { thing(size: $s) { name } }","variables":{"s":"x"}}',
    {},
    400,
    /\$s/,
  ],
])('%s is refused, and the answer says what would be right', async (_, body, headers, status, message) => {
  const answer = await post(body, headers);
  expect(answer).toMatchObject({ status, body: refused('BAD_INPUT', message) });
  expect(control.bugs).toEqual([]);
});

test.each([
  ['20,000 fields in one another', deep(20_000), new RegExp(`nested ${NESTING_MAX} deep`)],
  [
    '20,000 lists in one another',
    `{ thing(size: ${'['.repeat(20_000)}) { name } }`,
    new RegExp(`nested ${NESTING_MAX} deep`),
  ],
  ['fields in one another', deep(DEPTH_MAX), new RegExp(`fields within fields ${DEPTH_MAX} deep`)],
  ['many tokens', `{ ${'caller '.repeat(TOKENS_MAX)}}`, new RegExp(`${TOKENS_MAX} tokens`)],
  ['3,000 aliases', `{ ${spelled(1_300, (at) => `a${at}:caller`)} }`, new RegExp(`${ALIASES_MAX} aliases`)],
  [
    'aliases in fragments',
    `{ ...A ...B } fragment A on Query { ${spelled(20, (at) => `a${at}: caller`)} } fragment B on Query { ${spelled(20, (at) => `b${at}: caller`)} }`,
    new RegExp(`${ALIASES_MAX} aliases`),
  ],
  [
    'a page of pages',
    '{ thing { many(first: 1000) { many(first: 1000) { name } } } }',
    new RegExp(`may cost ${COST_MAX}`),
  ],
])('a query with %s is refused, and the answer says the limit', async (_, query, message) => {
  expect(await post({ query })).toMatchObject({ status: 400, body: refused('BAD_INPUT', message) });
  expect(control.bugs).toEqual([]);
});

test('a query at the limits is answered', async () => {
  const { body } = await post({ query: deep(DEPTH_MAX - 2) });
  expect(body).not.toHaveProperty('errors');
  const aliases = spelled(ALIASES_MAX, (at) => `a${at}: thing { name }`);
  expect((await post({ query: `{ ${aliases} }` })).body).not.toHaveProperty('errors');
});

test.each([
  ['under an alias', 'mutation { createToken { success } again: createToken { success } }'],
  [
    'in a fragment',
    'mutation { ...A b: createToken { success } } fragment A on Mutation { createToken { success } }',
  ],
  ['in an inline fragment', 'mutation { createToken { success } ... { b: createToken { success } } }'],
  ['in another operation', 'mutation A { createToken { success } } mutation B { createToken { success } }'],
  [
    'with members to add',
    'mutation($m: String) { updateOrganization(addUser: "a") { success } b: updateOrganization(addUser: $m) { success } }',
  ],
])('what could be guessed with is done once a document: not again %s', async (_, query) => {
  const answer = await post({ query, operationName: query.includes(' A {') ? 'A' : undefined });
  expect(answer).toMatchObject({
    status: 400,
    body: refused('BAD_INPUT', /A query may have \w+ once/),
  });
});

test('other mutations may be done twice in a document', async () => {
  const { body } = await post({
    query:
      'mutation { updateOrganization(name: "a") { success } b: updateOrganization(name: "b") { success } }',
  });
  expect(body).toEqual({ data: { updateOrganization: { success: true }, b: { success: true } } });
});

test.each([
  ['the whole of it', getIntrospectionQuery()],
  ['one type', '{ __type(name: "Thing") { name } }'],
  ['through a fragment', '{ ...A } fragment A on Query { s: __schema { types { name } } }'],
])('the schema, %s, is shown to whoever is signed in and to nobody else', async (_, query) => {
  expect(await post({ query })).toMatchObject({
    status: 401,
    body: refused('UNAUTHENTICATED', /shown to whoever is signed in/),
  });
  const { status, body } = await post({ query }, await signedIn());
  expect(status).toBe(200);
  expect(body).not.toHaveProperty('errors');
});

test.each([
  ['a field', '{ thin { name } }', undefined, 'thing'],
  ['an argument', '{ thing(colou: RED) { name } }', undefined, 'colour'],
  ['a value', '{ thing(colour: GREE) { name } }', undefined, 'GREEN'],
  ['a variable', 'query($c: Colour) { thing(colour: $c) { name } }', { c: 'GREE' }, 'GREEN'],
])(
  'a misspelled name of %s is put right for whoever is signed in, and not for strangers',
  async (_, query, variables, name) => {
    const known = JSON.stringify((await post({ query, variables }, await signedIn())).body);
    expect(known).toMatch(new RegExp(`Did you mean .*${name}`));
    const stranger = await post({ query, variables });
    expect(stranger).toMatchObject({ status: 400, body: refused('BAD_INPUT', /./) });
    expect(JSON.stringify(stranger.body)).not.toMatch(new RegExp(`Did you mean|${name}\\b(?! *\\()`));
  },
);

test('a bug is answered with a reference under which the log has it, and with nothing else', async () => {
  const { status, body } = await post({ query: '{ bug }' });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    data: { bug: null },
    errors: [
      {
        path: ['bug'],
        message: expect.stringMatching(/^An error of ours/),
        extensions: { code: 'INTERNAL' },
      },
    ],
  });
  const text = JSON.stringify(body);
  expect(text).not.toMatch(/hunter2|SELECT|stack|\.ts/);
  const reference = /reference (\w{21})/.exec(text)?.[1];
  expect(control.bugs).toMatchObject([
    {
      message: expect.stringContaining(`${reference}`),
      cause: { message: expect.stringContaining('hunter2') },
    },
  ]);
});

test("a value that its type cannot hold is our bug, and not the caller's", async () => {
  const { body } = await post({ query: '{ tooLarge }' });
  expect(body).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL' } }] });
  expect(control.bugs).toHaveLength(1);
});

test("an argument without its variable is the caller's mistake, and not our bug", async () => {
  const query = 'query($c: String!) { source(appId: $c) }';
  expect(await post({ query })).toMatchObject({ status: 400, body: refused('BAD_INPUT', /\$c/) });
  expect(control.bugs).toEqual([]);
});

test('a refusal keeps its code, and names what is wrong', async () => {
  expect((await post({ query: '{ conflict }' })).body).toEqual({
    data: { conflict: null },
    errors: [
      {
        message: 'There is one already.',
        locations: [{ line: 1, column: 3 }],
        path: ['conflict'],
        extensions: { code: 'CONFLICT', faults: [{ field: 'name', message: 'is taken' }] },
      },
    ],
  });
});

test('an operation that takes too long is answered, though it may still be done', async () => {
  const answer = post({ query: '{ endless }' });
  while (control.clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  await control.clock.pass(OPERATION_MS_MAX);
  expect(await answer).toMatchObject({ status: 503, body: refused('UNAVAILABLE', /longer than 30 seconds/) });
});

test('a subscription is sent to where it is answered', async () => {
  const query = `subscription { ticks(appId: "${control.source}") }`;
  const answer = await post({ query }, await signedIn());
  expect(answer).toMatchObject({ status: 400, body: refused('BAD_INPUT', /\/graphql\/stream/) });
});

test.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('%s is answered with what would be right', async (method) => {
  for (const path of ['/graphql?query={caller}', '/graphql/stream']) {
    const response = await fetch(`${control.url}${path}`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(await response.json()).toMatchObject(refused('BAD_INPUT', /POST a JSON object.*\/explorer/));
  }
});

test('a page of another origin is not let in', async () => {
  const { headers } = await post({ query: '{ caller }' }, { origin: 'https://elsewhere.example' });
  expect(headers.get('access-control-allow-origin')).toBeNull();
});
