import { sql } from 'kysely';
import type { Db } from './store.ts';

/** One row of everything that belongs to an organization: the ids are the first letters. */
export async function makeOneOfEach(db: Db): Promise<void> {
  const created_at = 1_800_000_000_000;
  await db.insertInto('organizations').values({ id: 'o', name: 'Acme', data_key: '', created_at }).execute();
  await db
    .insertInto('users')
    .values({
      id: 'u',
      email: 'ada@example.com',
      password: null,
      first_name: 'Ada',
      last_name: '',
      company: '',
      confirmed_at: null,
      token_version: 0,
      created_at,
    })
    .execute();
  await db
    .insertInto('members')
    .values({ organization_id: 'o', user_id: 'u', role: 'OWNER', access: 'EDIT', sources: null, created_at })
    .execute();
  await db
    .insertInto('mail_tokens')
    .values({
      hash: 'h',
      purpose: 'invitation',
      user_id: 'u',
      organization_id: 'o',
      email: 'ada@example.com',
      expires_at: created_at,
      created_at,
    })
    .execute();
  await db
    .insertInto('sources')
    .values({ id: 's', organization_id: 'o', name: 'Website', platform: 'server', enabled: 1, created_at })
    .execute();
  await db
    .insertInto('connections')
    .values({
      id: 'c',
      organization_id: 'o',
      name: 'hooks',
      destination: 'webhooks',
      details: '{}',
      secrets: '{}',
      created_at,
    })
    .execute();
  await db
    .insertInto('pipelines')
    .values({
      id: 'p',
      source_id: 's',
      connection_id: 'c',
      destination: 'webhooks',
      name: 'Everything',
      config: '{}',
      filter: '[]',
      enabled: 1,
      created_at,
    })
    .execute();
  await db
    .insertInto('notices')
    .values({ pipeline_id: 'p', kind: 'paused', since: created_at, sent_at: created_at })
    .execute();
  await db
    .insertInto('api_keys')
    .values({
      id: 'k',
      organization_id: 'o',
      name: 'CI',
      role: 'OWNER',
      hash: 'h',
      beginning: 'mr_',
      created_by: 'u',
      created_at,
    })
    .execute();
}

/** How many rows each table of the database has, in the order of their names. */
export async function countRows(db: Db): Promise<Map<string, number>> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const counts = new Map<string, number>();
  for (const { name } of tables.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(name)}`.execute(
      db,
    );
    counts.set(name, rows[0]?.count ?? 0);
  }
  return counts;
}
