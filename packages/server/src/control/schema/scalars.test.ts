import { afterAll, beforeAll, expect, test } from 'vitest';
import { textAt } from '../houston.fixture.ts';
import { openWithPipeline, type WithPipeline } from '../pipeline.fixture.ts';

let houston: WithPipeline;
beforeAll(async () => {
  houston = await openWithPipeline();
});
afterAll(() => houston[Symbol.asyncDispose]());

/** The event that the lanes are asked about. */
async function previewed(literal: string, variables = {}, declared = '') {
  const { lanes, ask, pipeline } = houston;
  lanes.rehearse({ preview: async () => ({ outcome: 'send', requests: [], notes: [] }) });
  await ask(`query${declared} { preview(integrationId: "${pipeline}", event: ${literal}) { outcome } }`, {
    variables,
  });
  const [asked] = lanes.asked;
  return JSON.parse(textAt(asked, '1', 'event'));
}

/** The times that the lanes are asked about. */
async function counted(from: string, variables = {}, declared = '') {
  const { lanes, ask, control } = houston;
  lanes.rehearse({ counts: async () => [] });
  const answer = await ask(
    `query${declared} { eventCounts(appId: "${control.source}", period: HOUR, from: ${from}) { at } }`,
    { variables },
  );
  return lanes.asked.length === 0 ? answer : lanes.asked[0]?.[1];
}

test.each([
  ['every kind of value', '{ a: "x", b: 1, c: -1.5, d: true, e: null, f: [1, [2]], g: {}, h: ENUM }'],
  ['keys in quotes, as whoever pastes JSON has them,', '{ "events": ["a"], "deep": [{ "er": null }] }'],
  ['a key that is a trap', '{ __proto__: { polluted: "yes" }, constructor: 1, toString: 2 }'],
  ['a NUL, which JSON can say', '{ name: "a\\u0000b" }'],
  ['a text that is all', '"text"'],
  ['a number that is all', '42'],
])('JSON with %s is the same, written inline and given as a variable', async (_, literal) => {
  const inline = await previewed(literal);
  expect(JSON.stringify(inline)).toBe(
    JSON.stringify(await previewed('$event', { event: inline }, '($event: JSON!)')),
  );
  const keys = [...literal.matchAll(/(\w+)"?:/g)].map(([, key]) => key);
  for (const key of keys.filter((key) => key !== 'polluted' && key !== 'er'))
    expect(Object.hasOwn(inline, `${key}`)).toBe(true);
});

test('variables may stand inside of JSON that is written inline', async () => {
  const declared = '($name: String, $items: JSON, $count: Int = 7, $absent: String)';
  const literal = '{ name: $name, deep: [{ items: $items }], count: $count, absent: $absent }';
  expect(await previewed(literal, { name: 'Ada', items: [{ id: 1 }] }, declared)).toEqual({
    name: 'Ada',
    deep: [{ items: [{ id: 1 }] }],
    count: 7,
  });
});

test('a variable that is not given is nothing, whatever it is called', async () => {
  const query = `mutation($constructor: JSON) {
    updateIntegration(integrationId: "${houston.pipeline}", configPayload: { batchSize: $constructor }) { success } }`;
  expect(await houston.ask(query)).toEqual({ success: true });
});

test.each([
  ['text in UTC', '"2026-03-01T08:00:00.000Z"'],
  ['text with a zone', '"2026-03-01T10:00:00+02:00"'],
  ['text without a zone, which is UTC', '"2026-03-01T08:00"'],
  ['milliseconds', '1772352000000'],
])('a Date is taken as %s, inline and as a variable', async (_, literal) => {
  const expected = { from: Date.UTC(2026, 2, 1, 8) };
  expect(await counted(literal)).toMatchObject(expected);
  const variables = { from: JSON.parse(literal) };
  expect(await counted('$from', variables, '($from: Date)')).toMatchObject(expected);
});

test('a day alone, as a Date, is the moment at which it begins in UTC; and the schema says so', async () => {
  const expected = { from: Date.UTC(2026, 2, 1) };
  expect(await counted('"2026-03-01"')).toMatchObject(expected);
  expect(await counted('$from', { from: '2026-03-01' }, '($from: Date)')).toMatchObject(expected);
  const said = await houston.ask('{ __type(name: "Date") { description } }');
  expect(textAt(said, 'description')).toMatch(
    /in UTC\. A day alone, such as .*, is the moment at which it begins\.$/,
  );
});

test.each([
  '"yesterday"',
  '"2026-02-30"',
  '""',
  '1.5',
  '-1',
  '4133980800000',
  '9007199254740993',
  'true',
  '[1]',
  '{}',
])('%s is no Date', async (literal) => {
  const refused = {
    errors: [{ message: expect.stringContaining('ISO 8601'), extensions: { code: 'BAD_INPUT' } }],
  };
  expect(await counted(literal)).toMatchObject(refused);
  const variables = { from: JSON.parse(literal) };
  expect(await counted('$from', variables, '($from: Date)')).toMatchObject(refused);
  expect(houston.control.bugs).toEqual([]);
});

test('a text with the character NUL is refused wherever it is given, and is no bug', async () => {
  const nul = 'a\0b';
  const { organization, source } = houston.control;
  const ask = (query: string) => houston.ask(query, { variables: { nul } });
  const refused = { code: 'BAD_INPUT' };
  for (const query of [
    'query($nul: String) { applications(appId: $nul) { id } }',
    'query($nul: ID!) { connection(connectionId: $nul) { id } }',
    `query($nul: String!) { event(appId: "${source}", messageId: $nul) { messageId } }`,
  ])
    expect(await ask(query), query).toMatchObject({ errors: [{ extensions: refused }] });
  for (const query of [
    'mutation($nul: String!) { createToken(username: $nul, password: "x") { code } }',
    'mutation($nul: String!) { requestPasswordReset(email: $nul) { code } }',
    `mutation($nul: ID!) { updateOrganization(orgId: "${organization}", removeUser: $nul) { code } }`,
    `mutation($nul: ID!) { updateOrganization(orgId: "${organization}", changeUser: { userId: $nul }) { code } }`,
    `mutation($nul: String!) { updateApplication(appId: "${source}", name: $nul) { code } }`,
  ])
    expect(await ask(query), query).toEqual(refused);
  await houston.control.services.background.settled();
  expect(houston.control.bugs).toEqual([]);
});
