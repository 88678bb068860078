import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { makeOneOfEach } from '../one-of-each.fixture.ts';
import { eachDatabase } from '../store.fixture.ts';
import { tellKeysMakersAndUse } from './0003-tell-keys-makers-and-use.ts';
import { POSTGRES_TYPES, SQLITE_TYPES } from './column-types.ts';

eachDatabase('keys that are older than what is told of them', (open) => {
  test('are the keys of the person at the beginning of who made whom, and end where that person is no Owner any more', async () => {
    const { db, options } = await open();
    await makeOneOfEach(db);
    const first = await db.selectFrom('api_keys').selectAll().executeTakeFirstOrThrow();
    const keep = async (id: string, maker: string, isNew = true) => {
      if (isNew)
        await db
          .insertInto('api_keys')
          .values({ ...first, id, hash: id, created_by: maker })
          .execute();
      await sql`insert into audit (organization_id, at, actor_id, actor, address, action, target, target_name, details)
        values ('o', 0, ${maker}, '', '', 'api-key.created', ${id}, '', '{}')`.execute(db);
    };
    await keep(first.id, 'u', false);
    await keep('made by revoked', 'revoked');
    await keep('revoked', first.id, false);
    await keep('made by made', 'made by revoked');
    await keep('of somebody gone', 'gone');
    await sql`alter table api_keys drop column created_by_email`.execute(db);
    await sql`alter table api_keys drop column last_used_at`.execute(db);
    const types = options.databaseUrl === undefined ? SQLITE_TYPES : POSTGRES_TYPES;
    for (const statement of tellKeysMakersAndUse(types)) await sql.raw(statement).execute(db);
    const keys = await db
      .selectFrom('api_keys')
      .select(['id', 'created_by', 'created_by_email', 'last_used_at'])
      .orderBy('id')
      .execute();
    const ofAda = { created_by: 'u', created_by_email: 'ada@example.com', last_used_at: null };
    expect(keys).toEqual([
      { ...ofAda, id: first.id },
      { ...ofAda, id: 'made by made' },
      { ...ofAda, id: 'made by revoked' },
    ]);
  });
});
