import { beforeAll, expect, test } from 'vitest';
import { type FilledOrganization, fillOrganization, made, NOON } from './filled-organization.fixture.ts';
import { addMember } from './members.ts';
import {
  createOrganization,
  deleteOrganization,
  findOrganization,
  listOrganizations,
  renameOrganization,
} from './organizations.ts';
import { createPipeline } from './pipelines.ts';
import { createSource, deleteSource } from './sources.ts';
import { eachDatabase, OPERATOR, type TestStore } from './store.fixture.ts';
import type { Store } from './store.ts';
import type { Tables } from './tables.ts';

const TABLES = [
  'organizations',
  'users',
  'members',
  'mail_tokens',
  'sources',
  'connections',
  'pipelines',
  'api_keys',
  'notices',
] as const satisfies readonly (keyof Tables)[];

/** Every row of every table, as text with its table. */
async function rowsOf(store: Store): Promise<readonly string[]> {
  const tables = TABLES.map(async (table) => {
    const rows = await store.db.selectFrom(table).selectAll().execute();
    return rows.map((row) => `${table} ${JSON.stringify(row)}`);
  });
  return (await Promise.all(tables)).flat().sort();
}

const remove = (store: Store, id: string) => store.change(OPERATOR, ({ db }) => deleteOrganization(db, id));

eachDatabase('organizations', (open) => {
  let store: TestStore;
  beforeAll(async () => {
    store = await open();
  });

  test('an organization is found by its id and by its members, and can be renamed', async () => {
    const { organization, owner } = await fillOrganization(store);
    const other = await fillOrganization(store);
    const member = { userId: owner.id, role: 'USER', access: 'VIEW', sources: undefined, now: NOON } as const;
    const renamed = await store.change(OPERATOR, async ({ db }) => {
      await addMember(db, { ...member, organizationId: other.organization.id });
      return await renameOrganization(db, organization.id, 'Acme');
    });
    expect(renamed).toEqual({ ...organization, name: 'Acme' });
    expect(await findOrganization(store.db, organization.id)).toEqual(renamed);
    const all = await listOrganizations(store.db, owner.id);
    expect(new Set(all)).toEqual(new Set([renamed, other.organization]));
    expect(await listOrganizations(store.db, other.owner.id)).toEqual([other.organization]);
    const missing = store.change(OPERATOR, ({ db }) => renameOrganization(db, 'nothing', 'Acme'));
    expect(await missing).toBeUndefined();
  });

  test('an organization can be given its id', async () => {
    const given = { id: 'derived-from-its-name', name: 'Acme', now: NOON };
    const made = store.change(OPERATOR, ({ db }) => createOrganization(db, store.sealer, given));
    expect(await made).toEqual({ id: given.id, name: 'Acme', createdAt: NOON });
  });

  test('with an organization goes everything that it owns, and nothing of another one', async () => {
    const before = await rowsOf(store);
    const acme = await fillOrganization(store);
    await addSecondPipeline(store, acme);
    expect(await remove(store, acme.organization.id)).toEqual(acme.organization);
    const left = (await rowsOf(store)).filter((row) => !before.includes(row));
    // The accounts stay: they may belong to other organizations.
    expect(left.map((row) => row.split(' ')[0])).toEqual(['users', 'users']);
    expect(before.filter((row) => !left.includes(row))).toEqual(before);
    expect(await remove(store, acme.organization.id)).toBeUndefined();
  });

  test('with a source go its pipelines, and nothing else', async () => {
    const acme = await fillOrganization(store);
    const before = await rowsOf(store);
    const source = await addSecondPipeline(store, acme);
    await store.change(OPERATOR, ({ db }) => deleteSource(db, source.id));
    expect(await rowsOf(store)).toEqual(before);
  });
});

/** Adds a source with a pipeline over the same connection. */
async function addSecondPipeline(store: Store, { organization, connection }: FilledOrganization) {
  return await store.change(OPERATOR, async ({ db }) => {
    const place = { organizationId: organization.id, name: 'Server', platform: 'server', now: NOON } as const;
    const source = made(await createSource(db, place));
    const ends = { sourceId: source.id, connectionId: connection.id };
    made(await createPipeline(db, { ...ends, name: 'Second', config: {}, now: NOON }));
    return source;
  });
}
