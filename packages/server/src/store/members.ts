import type { Transaction } from 'kysely';
import { isLastOwner } from './owners.ts';
import type { Db } from './store.ts';
import { isText, listIn } from './stored-json.ts';
import type { Access, MemberTable, Role, Tables } from './tables.ts';
import { type StoredUser, userOf } from './users.ts';

/** A user's place in an organization. */
export interface StoredMember {
  readonly organizationId: string;
  readonly userId: string;
  readonly role: Role;
  /** What a User may do with sources and pipelines. Owners may do everything. */
  readonly access: Access;
  /** The Source IDs that `access` is for; undefined for all of the organization. */
  readonly sources: readonly string[] | undefined;
  readonly createdAt: number;
}

/** A member with the account behind it. */
export interface MemberWithUser extends StoredMember {
  readonly user: StoredUser;
}

/** What a member may do. What is undefined of `role` and `access` stays; of `sources`, null stands for all. */
export interface MemberChange {
  readonly role?: Role | undefined;
  readonly access?: Access | undefined;
  readonly sources?: readonly string[] | null | undefined;
}

/** A place to be given. */
export type NewMember = Omit<StoredMember, 'createdAt'> & { readonly now: number };

/** Gives a user a place in an organization; `'conflict'` when they have one. */
export async function addMember(
  db: Transaction<Tables>,
  { organizationId, userId, role, access, sources, now }: NewMember,
): Promise<StoredMember | 'conflict'> {
  const row = await db
    .insertInto('members')
    .values({
      organization_id: organizationId,
      user_id: userId,
      role,
      access,
      sources: sources === undefined ? null : JSON.stringify(sources),
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? 'conflict' : memberOf(row);
}

/** A user's place in an organization; undefined when they have none. */
export async function findMembership(
  db: Db,
  organizationId: string,
  userId: string,
): Promise<StoredMember | undefined> {
  const row = await db
    .selectFrom('members')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row && memberOf(row);
}

/** A user's places in all organizations. */
export async function listMemberships(db: Db, userId: string): Promise<readonly StoredMember[]> {
  const rows = await db.selectFrom('members').selectAll().where('user_id', '=', userId).execute();
  return rows.map(memberOf);
}

/** The people of an organization, who joined first first. */
export async function listMembers(db: Db, organizationId: string): Promise<readonly MemberWithUser[]> {
  const rows = await db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .selectAll('users')
    .select(['organization_id', 'user_id', 'role', 'access', 'sources', 'members.created_at as joined_at'])
    .where('organization_id', '=', organizationId)
    .orderBy('members.created_at')
    .orderBy('user_id')
    .execute();
  return rows.map((row) => ({ ...memberOf({ ...row, created_at: row.joined_at }), user: userOf(row) }));
}

/** Changes a member's place. `'last owner'` when nobody else would be one; undefined when there is no such member. */
export async function changeMember(
  db: Transaction<Tables>,
  organizationId: string,
  userId: string,
  { role, access, sources }: MemberChange,
): Promise<StoredMember | 'last owner' | undefined> {
  if (role === 'USER' && (await isLastOwner(db, organizationId, userId))) return 'last owner';
  const row = await db
    .updateTable('members')
    .set((now) => ({
      role: role ?? now.ref('role'),
      access: access ?? now.ref('access'),
      sources: sources === undefined ? now.ref('sources') : sources && JSON.stringify(sources),
    }))
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .returningAll()
    .executeTakeFirst();
  return row && memberOf(row);
}

/**
 * Takes a user's place in an organization away, and the invitations to it. `'last owner'` when nobody else is one;
 * undefined when there is no such member.
 */
export async function removeMember(
  db: Transaction<Tables>,
  organizationId: string,
  userId: string,
): Promise<StoredMember | 'last owner' | undefined> {
  if (await isLastOwner(db, organizationId, userId)) return 'last owner';
  await db
    .deleteFrom('mail_tokens')
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .execute();
  const row = await db
    .deleteFrom('members')
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .returningAll()
    .executeTakeFirst();
  return row && memberOf(row);
}

function memberOf(row: MemberTable): StoredMember {
  return {
    organizationId: row.organization_id,
    userId: row.user_id,
    role: row.role,
    access: row.access,
    sources: row.sources === null ? undefined : listIn(row.sources, isText),
    createdAt: row.created_at,
  };
}
