import type { Transaction } from 'kysely';
import { newId } from '../platform/ids.ts';
import type { Change, Db } from './store.ts';
import type { ApiKeyTable, Role, Tables } from './tables.ts';

/** What a program signs in with. The key itself is nowhere kept. */
export interface StoredApiKey {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly role: Role;
  /** The key's first characters, for people to tell keys apart. */
  readonly beginning: string;
  /** The id of the person who made it, or who made the key that made it. */
  readonly createdBy: string;
  /** That person's address at that time; null when it is not known. */
  readonly createdByEmail: string | null;
  readonly createdAt: number;
  /** Null when it never was. */
  readonly lastUsedAt: number | null;
}

/** A new key. `hash` is of the whole key, which its maker is shown once. */
export type NewStoredApiKey = Omit<StoredApiKey, 'id' | 'createdByEmail' | 'createdAt' | 'lastUsedAt'> & {
  readonly hash: string;
  readonly now: number;
};

/** Keeps a new key, by its hash. */
export async function createApiKey(
  db: Transaction<Tables>,
  { organizationId, name, role, hash, beginning, createdBy, now }: NewStoredApiKey,
): Promise<StoredApiKey> {
  const maker = await db.selectFrom('users').select('email').where('id', '=', createdBy).executeTakeFirst();
  const row = {
    id: newId(),
    organization_id: organizationId,
    name,
    role,
    hash,
    beginning,
    created_by: createdBy,
    created_by_email: maker?.email ?? null,
    created_at: now,
    last_used_at: null,
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

/**
 * Ends the keys of an organization that a person made, each of them noted: whoever is no Owner any more still knows them.
 * Resolves with those that ended, oldest first.
 */
export async function endApiKeysOf(
  { db, note }: Change,
  organizationId: string,
  userId: string,
): Promise<readonly StoredApiKey[]> {
  const keys = (await listApiKeys(db, organizationId)).filter(({ createdBy }) => createdBy === userId);
  for (const { id, name, createdByEmail } of keys) {
    await deleteApiKey(db, id);
    const details = { createdBy: createdByEmail, reason: 'Who made it is no Owner any more.' };
    note({ organization: organizationId, action: 'api-key.revoked', target: id, targetName: name, details });
  }
  return keys;
}

/** Keeps that a key was used now, unless a use after `unlessAfter` is known. It is no change: the version stays. */
export async function keepApiKeyUse(
  db: Db,
  id: string,
  { now, unlessAfter }: { readonly now: number; readonly unlessAfter: number },
): Promise<void> {
  await db
    .updateTable('api_keys')
    .set({ last_used_at: now })
    .where('id', '=', id)
    .where((row) => row.or([row('last_used_at', 'is', null), row('last_used_at', '<=', unlessAfter)]))
    .execute();
}

function apiKeyOf(row: ApiKeyTable): StoredApiKey {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    role: row.role,
    beginning: row.beginning,
    createdBy: row.created_by,
    createdByEmail: row.created_by_email,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}
