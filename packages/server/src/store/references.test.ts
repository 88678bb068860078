import { expect, test } from 'vitest';
import { countRows, makeOneOfEach } from './one-of-each.fixture.ts';
import { eachDatabase, OPERATOR } from './store.fixture.ts';

eachDatabase('what belongs to another thing', (open) => {
  test('goes with an organization, all of it, but for the audit log and the people', async () => {
    const store = await open();
    await store.change(OPERATOR, async ({ db, note }) => {
      await makeOneOfEach(db);
      note({ organization: 'o', action: 'organization.deleted', target: 'o', targetName: 'Acme' });
    });
    await store.change(OPERATOR, async ({ db }) => {
      await db.deleteFrom('organizations').where('id', '=', 'o').execute();
    });
    const left = [...(await countRows(store.db))].flatMap(([table, rows]) => (rows > 0 ? [table] : []));
    expect(left.filter((table) => !table.startsWith('metarouter_'))).toEqual(['audit', 'facts', 'users']);
  });

  test('goes with a source: its pipelines and their notices, not their connections', async () => {
    const store = await open();
    await store.change(OPERATOR, async ({ db }) => {
      await makeOneOfEach(db);
      await db.deleteFrom('sources').where('id', '=', 's').execute();
    });
    const counts = await countRows(store.db);
    expect(['sources', 'pipelines', 'notices', 'connections'].map((table) => counts.get(table))).toEqual([
      0, 0, 0, 1,
    ]);
  });

  test('goes with a user: memberships and mailed links', async () => {
    const store = await open();
    await store.change(OPERATOR, async ({ db }) => {
      await makeOneOfEach(db);
      await db.deleteFrom('users').where('id', '=', 'u').execute();
    });
    const counts = await countRows(store.db);
    expect(['members', 'mail_tokens', 'organizations'].map((table) => counts.get(table))).toEqual([0, 0, 1]);
  });

  test('keeps a connection that is in use: the change that deletes it has not happened', async () => {
    const store = await open();
    await store.change(OPERATOR, ({ db }) => makeOneOfEach(db));
    const change = store.change(OPERATOR, async ({ db }) => {
      await db.deleteFrom('connections').where('id', '=', 'c').execute();
    });
    await expect(change).rejects.toThrow(/foreign key/i);
    expect(await store.version()).toBe(1);
    expect((await countRows(store.db)).get('connections')).toBe(1);
  });

  test('has one of a name where names tell things apart', async () => {
    const store = await open();
    await store.change(OPERATOR, ({ db }) => makeOneOfEach(db));
    const connection = await store.db.selectFrom('connections').selectAll().executeTakeFirstOrThrow();
    const user = await store.db.selectFrom('users').selectAll().executeTakeFirstOrThrow();
    const key = await store.db.selectFrom('api_keys').selectAll().executeTakeFirstOrThrow();
    const twins = [
      store.db.insertInto('connections').values({ ...connection, id: 'c2' }),
      store.db.insertInto('users').values({ ...user, id: 'u2' }),
      store.db.insertInto('api_keys').values({ ...key, id: 'k2' }),
    ];
    for (const twin of twins) await expect(twin.execute()).rejects.toThrow(/unique/i);
  });
});
