import type { Transaction } from 'kysely';
import { newId } from '../platform/ids.ts';
import type { Db } from './store.ts';
import type { ApiKeyTable, Role, Tables } from './tables.ts';

/** What a program signs in with. The key itself is nowhere kept. */
export interface StoredApiKey {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly role: Role;
  /** The key's first characters, for people to tell keys apart. */
  readonly beginning: string;
  /** The id of the user or key that made it. */
  readonly createdBy: string;
  readonly createdAt: number;
}

/** A new key. `hash` is of the whole key, which its maker is shown once. */
export type NewStoredApiKey = Omit<StoredApiKey, 'id' | 'createdAt'> & {
  readonly hash: string;
  readonly now: number;
};

/** Keeps a new key, by its hash. */
export async function createApiKey(
  db: Transaction<Tables>,
  { organizationId, name, role, hash, beginning, createdBy, now }: NewStoredApiKey,
): Promise<StoredApiKey> {
  const row = {
    id: newId(),
    organization_id: organizationId,
    name,
    role,
    hash,
    beginning,
    created_by: createdBy,
    created_at: now,
  };
  await db.insertInto('api_keys').values(row).execute();
  return apiKeyOf(row);
}

/** The key with this id, of whatever organization; undefined when there is none. */
export async function findApiKey(db: Db, id: string): Promise<StoredApiKey | undefined> {
  const row = await db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
  return row && apiKeyOf(row);
}

/** The key that somebody presented; undefined when it was revoked, or never was one. */
export async function findApiKeyByHash(db: Db, hash: string): Promise<StoredApiKey | undefined> {
  const row = await db.selectFrom('api_keys').selectAll().where('hash', '=', hash).executeTakeFirst();
  return row && apiKeyOf(row);
}

/** The keys of an organization, oldest first. */
export async function listApiKeys(db: Db, organizationId: string): Promise<readonly StoredApiKey[]> {
  const rows = await db
    .selectFrom('api_keys')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(apiKeyOf);
}

/** From now on nobody gets in with this key. Undefined when there is no such key. */
export async function deleteApiKey(db: Transaction<Tables>, id: string): Promise<StoredApiKey | undefined> {
  const row = await db.deleteFrom('api_keys').where('id', '=', id).returningAll().executeTakeFirst();
  return row && apiKeyOf(row);
}

function apiKeyOf(row: ApiKeyTable): StoredApiKey {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    role: row.role,
    beginning: row.beginning,
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}
