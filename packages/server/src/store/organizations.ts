import type { Transaction } from 'kysely';
import { newId } from '../platform/ids.ts';
import type { Sealer } from '../platform/sealing.ts';
import type { Db } from './store.ts';
import type { OrganizationTable, Tables } from './tables.ts';

/** Owns sources, connections and pipelines. */
export interface StoredOrganization {
  readonly id: string;
  /** For people: not unique. */
  readonly name: string;
  readonly createdAt: number;
}

/** A new organization; one without `id` is given one. */
export interface NewOrganization {
  readonly id?: string | undefined;
  readonly name: string;
  readonly now: number;
}

/** Makes an organization, with the key that its secrets are sealed with. It has no members yet. */
export async function createOrganization(
  db: Transaction<Tables>,
  sealer: Sealer,
  { id = newId(), name, now }: NewOrganization,
): Promise<StoredOrganization> {
  const row = { id, name, data_key: sealer.newDataKey(id), created_at: now };
  await db.insertInto('organizations').values(row).execute();
  return organizationOf(row);
}

/** The organization with this id; undefined when there is none. */
export async function findOrganization(db: Db, id: string): Promise<StoredOrganization | undefined> {
  const row = await db.selectFrom('organizations').selectAll().where('id', '=', id).executeTakeFirst();
  return row && organizationOf(row);
}

/** The organizations that a user belongs to, oldest first. */
export async function listOrganizations(db: Db, userId: string): Promise<readonly StoredOrganization[]> {
  const rows = await db
    .selectFrom('organizations')
    .innerJoin('members', 'members.organization_id', 'organizations.id')
    .selectAll('organizations')
    .where('members.user_id', '=', userId)
    .orderBy('organizations.created_at')
    .orderBy('organizations.id')
    .execute();
  return rows.map(organizationOf);
}

/** Gives an organization another name; undefined when there is no such organization. */
export async function renameOrganization(
  db: Transaction<Tables>,
  id: string,
  name: string,
): Promise<StoredOrganization | undefined> {
  const renamed = db.updateTable('organizations').set({ name }).where('id', '=', id).returningAll();
  const row = await renamed.executeTakeFirst();
  return row && organizationOf(row);
}

/**
 * Deletes an organization with everything that it owns. Accounts of its members stay, and so does its audit log.
 * Undefined when there is no such organization.
 */
export async function deleteOrganization(
  db: Transaction<Tables>,
  id: string,
): Promise<StoredOrganization | undefined> {
  const row = await db.deleteFrom('organizations').where('id', '=', id).returningAll().executeTakeFirst();
  return row && organizationOf(row);
}

function organizationOf({ id, name, created_at }: OrganizationTable): StoredOrganization {
  return { id, name, createdAt: created_at };
}
