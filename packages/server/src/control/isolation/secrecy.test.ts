import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { DESTINATIONS } from '@metarouter/destinations';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachDatabase, type TestStore } from '../../store/store.fixture.ts';
import { prototypeId } from '../prototypes.ts';
import type { TestCaller } from './callers.fixture.ts';
import { canariesIn, canary, detailsWithCanaries } from './canary.fixture.ts';
import { MARKS } from './side.fixture.ts';
import { type Called, openWorld, type World } from './world.fixture.ts';

test('a canary is found as it is, and in other clothes', () => {
  const secret = canary(7);
  const basic = (user: string) => Buffer.from(`${user}:${secret}`).toString('base64');
  const forms = [secret, secret.toLowerCase(), Buffer.from(secret).toString('hex')];
  for (const form of [...forms, basic('a'), basic('ab'), basic('abc')])
    expect(canariesIn(`x ${form} y`)).not.toEqual([]);
  expect(canariesIn('x y')).toEqual([]);
});

test('no destination has secrets in the config of its pipelines, which is shown to everybody who sees those', () => {
  for (const { code, config } of DESTINATIONS.values())
    expect(
      Object.values(config).filter(({ secret }) => secret),
      code,
    ).toEqual([]);
});

eachDatabase('a secret', (open) => {
  let store: TestStore;
  let world: World;
  const answers: string[] = [];
  beforeAll(async () => {
    store = await open();
    world = await openWorld(store);
  });
  afterAll(() => world.close());

  async function call(
    field: string,
    variables: Readonly<Record<string, unknown>>,
    who = 'an Owner of A',
  ): Promise<Called> {
    const caller: TestCaller | undefined = world.callers.find(({ name }) => name === who);
    if (caller === undefined) throw new Error(`there is no caller ${who}`);
    const called = await world.call(field, caller, caller.kind === 'nobody' ? 'missing' : 'A', variables);
    answers.push(called.text);
    return called;
  }

  function idIn({ data, text }: Called): string {
    if (typeof data === 'object' && data !== null && 'id' in data && typeof data.id === 'string')
      return data.id;
    throw new Error(`there is no id in ${text}`);
  }

  /** All that the store has: every row of every table, and on SQLite every byte of its files. */
  async function stored(): Promise<readonly (string | Buffer)[]> {
    const tables = await store.db.introspection.getTables({ withInternalKyselyTables: true });
    const rows = await Promise.all(
      tables.map(({ name }) => sql`select * from ${sql.table(name)}`.execute(store.db)),
    );
    const { dataDirectory } = store.options;
    const names = (await readdir(dataDirectory)).filter((name) => name.startsWith('control.db'));
    const files = await Promise.all(names.map((name) => readFile(join(dataDirectory, name))));
    return [JSON.stringify(rows), ...files];
  }

  test.each([...DESTINATIONS.values()])(
    'of a connection to $name is in no answer, whatever is done with it',
    async (destination) => {
      const { code } = destination;
      const { ids, organization: orgId } = world.sides.A;
      const named = { integrationCode: code, connectionPrototypeId: prototypeId(code), orgId };
      const details = detailsWithCanaries(destination, 1);
      const create = { ...named, name: `secret ${code}`, details };
      const made = await call('Mutation.createConnection', create);
      const connectionId = idIn(made);
      // Refused for its name, and for each field: for what it is, for its form, and for its length.
      expect((await call('Mutation.createConnection', create)).verdict).toBe('CONFLICT');
      for (const [field, { secret }] of Object.entries(destination.connection)) {
        if (!secret) continue;
        for (const wrong of [
          { 'not a name': canary(2) },
          [[canary(3)]],
          `${canary(4)} \n`,
          canary(5).repeat(500),
        ]) {
          const faulty = { ...create, name: 'faulty', details: { ...details, [field]: wrong } };
          expect((await call('Mutation.createConnection', faulty)).verdict, field).toBe('BAD_INPUT');
          const change = { connectionId, details: { [field]: wrong } };
          expect((await call('Mutation.updateConnection', change)).verdict, field).toBe('BAD_INPUT');
        }
      }
      const unknown = { ...create, name: 'unknown', details: { ...details, other: canary(6) } };
      expect((await call('Mutation.createConnection', unknown)).verdict).toBe('BAD_INPUT');
      const change = { connectionId, details: detailsWithCanaries(destination, 8) };
      expect((await call('Mutation.updateConnection', change)).verdict).toBe('done');
      expect((await call('Mutation.testConnection', { connectionId })).verdict).toBe('done');
      // The lanes are handed the secrets, which the API has opened for them.
      expect(canariesIn(world.lanes.asked.join())).not.toEqual([]);
      const pipeline = { appId: ids.source, integrationCode: code, connectionId, name: code };
      expect((await call('Mutation.createIntegration', pipeline)).verdict).toBe('done');
      for (const who of world.callers.map(({ name }) => name)) {
        await call('Query.connection', { connectionId }, who);
        await call('Query.orgConnections', { orgId }, who);
        await call('Query.clickstreamConfigs', { appId: ids.source }, who);
        await call('Query.auditLog', { orgId, first: 200 }, who);
      }
    },
  );

  test('that people sign in with is in no answer', async () => {
    const password = canary(20);
    await call('Mutation.createNewUser', { email: 'new@example.com', password }, 'nobody');
    await call('Mutation.createToken', { username: 'new@example.com', password }, 'nobody');
    await call('Mutation.createToken', { username: 'new@example.com', password: canary(21) }, 'nobody');
    await call('Mutation.confirmEmail', { token: canary(22) }, 'nobody');
    await call('Mutation.resetPassword', { token: canary(23), password }, 'nobody');
    const first = { email: 'first@example.com', password, organization: 'Acme' };
    await call('Mutation.setUp', { token: canary(24), ...first }, 'nobody');
    await call('Mutation.updateUser', { password, currentPassword: canary(25) });
    await call('Query.me', {});
  });

  test('is in no mail, no log line and no part of the database', async () => {
    expect(answers.length).toBeGreaterThan(100);
    expect(answers.flatMap(canariesIn)).toEqual([]);
    expect(answers.filter((text) => text.includes('$argon2'))).toEqual([]);
    expect(canariesIn(inspect(world.bugs, { depth: null }))).toEqual([]);
    expect(world.mails.length).toBeGreaterThan(0);
    expect(canariesIn(JSON.stringify(world.mails))).toEqual([]);
    for (const content of await stored()) expect(canariesIn(content)).toEqual([]);
    // What is not secret is there to be found, so that a secret would be.
    expect((await stored())[0]).toContain(MARKS.A);
  });

  test('that is a key or a token, once given away, is nowhere to be found again', async () => {
    const orgId = world.sides.A.organization;
    const { data, text } = await call('Mutation.createApiKey', { orgId, name: 'Deploys', role: 'OWNER' });
    const key = /mr_[A-Za-z0-9_-]{43}/.exec(text)?.[0] ?? '';
    expect(data).toMatchObject({ key });
    const before = answers.length;
    await call('Query.apiKeys', { orgId });
    await call('Query.auditLog', { orgId });
    await call('Mutation.requestPasswordReset', { email: 'new@example.com' }, 'nobody');
    const tokens = world.mails.flatMap((mail) =>
      [...mail.text.matchAll(/token=([A-Za-z0-9_-]+)/g)].map(([, token]) => token),
    );
    expect(tokens.length).toBeGreaterThan(0);
    const sessions = world.callers.flatMap(({ authorization }) => authorization ?? []);
    for (const secret of [key, ...tokens, ...sessions]) {
      for (const later of answers.slice(before)) expect(later).not.toContain(secret);
      for (const content of await stored()) expect(content.includes(`${secret}`)).toBe(false);
    }
  });
});
