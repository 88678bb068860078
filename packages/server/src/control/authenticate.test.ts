import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteApiKey, listApiKeys } from '../store/api-keys.ts';
import { createUser, updateUser } from '../store/users.ts';
import { authenticate, organizationHeader } from './authenticate.ts';
import { EXPIRED_TOKEN, INVALID_TOKEN, NO_TOKEN } from './caller.ts';
import { OPERATOR, openControl, type TestControl } from './control.fixture.ts';
import { smallSchema } from './small-schema.fixture.ts';

const DAY_MS = 86_400_000;
let control: TestControl;

beforeAll(async () => {
  control = await openControl(async () => smallSchema());
});
afterAll(() => control[Symbol.asyncDispose]());

const callerOf = (...values: readonly string[]) =>
  authenticate(
    values.flatMap((value) => ['Authorization', value]),
    control.services,
  );

test('a token is taken bare and after Bearer, in any letter case', async () => {
  const token = await control.token();
  for (const header of [token, `Bearer ${token}`, `bearer  ${token}`, ` ${token} `])
    expect(await callerOf(header)).toMatchObject({ kind: 'user', user: { email: 'owner@acme.example' } });
});

test("an API key is its organization's, bare and after Bearer", async () => {
  for (const header of [control.key, `Bearer ${control.key}`])
    expect(await callerOf(header)).toMatchObject({
      kind: 'key',
      key: { organizationId: control.organization },
    });
});

test('whoever sends no token is told how to get one', async () => {
  expect(await callerOf()).toBe(NO_TOKEN);
  expect(await callerOf('')).toBe(NO_TOKEN);
  expect(await callerOf('Bearer')).toBe(NO_TOKEN);
});

test.each([
  ['made up', async () => ['x.y.z']],
  ['of another kind', async () => ['Basic dXNlcjpwYXNzd29yZA==']],
  ['changed', async () => [`${await control.token()}x`]],
  ['too long', async () => [`${await control.token()}${'x'.repeat(5_000)}`]],
  ['an API key that was never made', async () => [`mr_${'x'.repeat(43)}`]],
  ['sent twice', async () => [await control.token(), await control.token()]],
])("a token that is %s is nobody's", async (_, headers) => {
  expect(await callerOf(...(await headers()))).toBe(INVALID_TOKEN);
});

test('a token lasts for 24 hours, and then says so', async () => {
  const token = await control.token();
  await control.clock.pass(DAY_MS - 1_000);
  expect(await callerOf(token)).toMatchObject({ kind: 'user' });
  await control.clock.pass(1_000);
  expect(await callerOf(token)).toBe(EXPIRED_TOKEN);
});

test('a change of the password, a deleted account and a revoked key are felt with the next request', async () => {
  const { store, clock, sessions } = control.services;
  const now = clock.now();
  const made = { email: 'two@acme.example', password: null, confirmedAt: now, now };
  const user = await store.change(OPERATOR, ({ db }) => createUser(db, made));
  if (user === 'conflict') throw new Error('there is one already');
  const { token } = await sessions.issue({ userId: user.id, tokenVersion: user.tokenVersion });
  expect(await callerOf(token)).toMatchObject({ kind: 'user' });
  await store.change(OPERATOR, ({ db }) => updateUser(db, user.id, { password: 'a new hash' }));
  expect(await callerOf(token)).toBe(INVALID_TOKEN);

  const [key] = await listApiKeys(store.db, control.organization);
  await store.change(OPERATOR, ({ db }) => deleteApiKey(db, key?.id ?? ''));
  expect(await callerOf(control.key)).toBe(INVALID_TOKEN);
});

test("an account that was never confirmed is nobody's", async () => {
  const { store, clock, sessions } = control.services;
  const made = { email: 'new@acme.example', password: null, confirmedAt: null, now: clock.now() };
  const user = await store.change(OPERATOR, ({ db }) => createUser(db, made));
  if (user === 'conflict') throw new Error('there is one already');
  const { token } = await sessions.issue({ userId: user.id, tokenVersion: 0 });
  expect(await callerOf(token)).toBe(INVALID_TOKEN);
});

test.each([
  ['is absent', [], { kind: 'absent' }],
  ['names an id', ['abc_-9'], { kind: 'given', id: 'abc_-9' }],
  ['is empty', [''], { kind: 'malformed' }],
  ['is too long', ['a'.repeat(65)], { kind: 'malformed' }],
  ['has other characters', ["1' OR '1'='1"], { kind: 'malformed' }],
  ['names two', ['a, b'], { kind: 'malformed' }],
  ['is there twice', ['a', 'b'], { kind: 'malformed' }],
  ['is there twice with the same id', ['a', 'a'], { kind: 'malformed' }],
])('the header organization that %s', (_, values, expected) => {
  const others = ['Host', 'organization', 'X-Organization', 'z'];
  expect(organizationHeader([...others, ...values.flatMap((value) => ['Organization', value])])).toEqual(
    expected,
  );
});
