import type { Transaction } from 'kysely';
import type { StoredOrganization } from './organizations.ts';
import type { Db } from './store.ts';
import type { Tables } from './tables.ts';

/**
 * Whether an organization would be left without an Owner who can act if this one went. An Owner who has not opened the
 * invitation yet is nobody to leave an organization to, unless nobody else ever could act either.
 */
export async function isLastOwner(
  db: Transaction<Tables>,
  organizationId: string,
  userId: string,
): Promise<boolean> {
  const owners = await db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .select(['members.user_id', 'users.confirmed_at'])
    .where('members.organization_id', '=', organizationId)
    .where('members.role', '=', 'OWNER')
    .execute();
  const leaving = owners.find(({ user_id }) => user_id === userId);
  if (leaving === undefined) return false;
  const others = owners.filter((owner) => owner !== leaving);
  return !others.some(({ confirmed_at }) => confirmed_at !== null || leaving.confirmed_at === null);
}

/** The organizations that have no Owner, such as those of a workspace file that names no people. Oldest first. */
export async function listOwnerless(db: Db): Promise<readonly Pick<StoredOrganization, 'id' | 'name'>[]> {
  return await db
    .selectFrom('organizations')
    .select(['id', 'name'])
    .where('id', 'not in', (query) =>
      query.selectFrom('members').select('organization_id').where('role', '=', 'OWNER'),
    )
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}
