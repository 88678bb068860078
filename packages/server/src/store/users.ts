import type { Transaction } from 'kysely';
import { newId } from '../platform/ids.ts';
import { isLastOwner } from './owners.ts';
import type { Db } from './store.ts';
import type { Tables, UserTable } from './tables.ts';

/** What a person says about themselves. */
export interface Profile {
  readonly firstName: string;
  readonly lastName: string;
  readonly company: string;
}

/** What of it is said; what is undefined is not. */
export type ProfileChange = { readonly [K in keyof Profile]?: string | undefined };

/** One account. */
export interface StoredUser {
  readonly id: string;
  /** In lower case. */
  readonly email: string;
  /** Its hash, in PHC string format; null until the holder has chosen one, and shown that the address is theirs. */
  readonly password: string | null;
  readonly profile: Profile;
  /** When the address was shown to be the holder's; null until then. */
  readonly confirmedAt: number | null;
  /** Grows with each change of the password: tokens that name an earlier one are void. */
  readonly tokenVersion: number;
  readonly createdAt: number;
}

/** A new account; one without `id` is given one. */
export interface NewUser {
  readonly id?: string | undefined;
  readonly email: string;
  readonly password: string | null;
  readonly profile?: ProfileChange | undefined;
  readonly confirmedAt: number | null;
  readonly now: number;
}

/** What may change of an account. What is undefined stays. */
export interface UserChange {
  readonly email?: string | undefined;
  readonly password?: string | undefined;
  readonly profile?: ProfileChange | undefined;
  readonly confirmedAt?: number | undefined;
}

/** An address as accounts have it: two that differ in letter case or outer spaces are one. */
export function plainEmail(address: string): string {
  return address.trim().toLowerCase();
}

/** Makes an account; `'conflict'` when there is one with this address. */
export async function createUser(db: Transaction<Tables>, user: NewUser): Promise<StoredUser | 'conflict'> {
  const { id = newId(), email, password, profile = {}, confirmedAt, now } = user;
  const row = await db
    .insertInto('users')
    .values({
      id,
      email: plainEmail(email),
      password,
      first_name: profile.firstName ?? '',
      last_name: profile.lastName ?? '',
      company: profile.company ?? '',
      confirmed_at: confirmedAt,
      token_version: 0,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? 'conflict' : userOf(row);
}

/** The account with this id; undefined when there is none. */
export async function findUser(db: Db, id: string): Promise<StoredUser | undefined> {
  const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  return row && userOf(row);
}

/** The account with this address, in whatever letter case. */
export async function findUserByEmail(db: Db, email: string): Promise<StoredUser | undefined> {
  const found = db.selectFrom('users').selectAll().where('email', '=', plainEmail(email));
  const row = await found.executeTakeFirst();
  return row && userOf(row);
}

/** Whether there is an account that can be used: the first one is set up by whoever runs the server. */
export async function hasUsers(db: Db): Promise<boolean> {
  const usable = db.selectFrom('users').select('id').where('confirmed_at', 'is not', null);
  return (await usable.limit(1).executeTakeFirst()) !== undefined;
}

/**
 * Changes an account; a new password makes its tokens void. `'conflict'` when another account has the new address;
 * undefined when there is no such account.
 */
export async function updateUser(
  db: Transaction<Tables>,
  id: string,
  { email, password, profile = {}, confirmedAt }: UserChange,
): Promise<StoredUser | 'conflict' | undefined> {
  const holder = email === undefined ? undefined : await findUserByEmail(db, email);
  if (holder !== undefined && holder.id !== id) return 'conflict';
  const row = await db
    .updateTable('users')
    .set((now) => ({
      email: email === undefined ? now.ref('email') : plainEmail(email),
      password: password ?? now.ref('password'),
      token_version: password === undefined ? now.ref('token_version') : now('token_version', '+', 1),
      first_name: profile.firstName ?? now.ref('first_name'),
      last_name: profile.lastName ?? now.ref('last_name'),
      company: profile.company ?? now.ref('company'),
      confirmed_at: confirmedAt ?? now.ref('confirmed_at'),
    }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row && userOf(row);
}

/** Stores the same password hashed anew, unless it was changed meanwhile. Its tokens stay good. */
export async function rehashPassword(
  db: Transaction<Tables>,
  id: string,
  from: string,
  to: string,
): Promise<void> {
  await db
    .updateTable('users')
    .set({ password: to })
    .where('id', '=', id)
    .where('password', '=', from)
    .execute();
}

/**
 * Deletes an account, with its places in organizations and its links. `'last owner'` when an organization would be left
 * without one; undefined when there is no such account.
 */
export async function deleteUser(
  db: Transaction<Tables>,
  id: string,
): Promise<StoredUser | 'last owner' | undefined> {
  const places = db.selectFrom('members').select('organization_id').where('user_id', '=', id);
  for (const { organization_id } of await places.execute()) {
    if (await isLastOwner(db, organization_id, id)) return 'last owner';
  }
  const row = await db.deleteFrom('users').where('id', '=', id).returningAll().executeTakeFirst();
  return row && userOf(row);
}

/** Deletes accounts that were never confirmed, and no longer can be: no link is left, and no organization wants them. */
export async function deleteAbandonedUsers(db: Db): Promise<void> {
  await db
    .deleteFrom('users')
    .where('confirmed_at', 'is', null)
    .where('id', 'not in', (query) => query.selectFrom('mail_tokens').select('user_id'))
    .where('id', 'not in', (query) => query.selectFrom('members').select('user_id'))
    .execute();
}

/** An account as it lies in the table. */
export function userOf(row: UserTable): StoredUser {
  return {
    id: row.id,
    email: row.email,
    password: row.password,
    profile: { firstName: row.first_name, lastName: row.last_name, company: row.company },
    confirmedAt: row.confirmed_at,
    tokenVersion: row.token_version,
    createdAt: row.created_at,
  };
}
