import type { Db } from './store.ts';
import type { MailTokenTable } from './tables.ts';
import { type Profile, plainEmail } from './users.ts';

/** What the link was mailed for. */
export type MailPurpose = MailTokenTable['purpose'];

/** What somebody who signed up gave. */
export interface GivenAtSignUp {
  /** Its hash, in PHC string format. */
  readonly password: string;
  readonly profile: Profile;
}

/** The single use of a link that was mailed. */
export interface StoredMailToken {
  readonly purpose: MailPurpose;
  readonly userId: string;
  /** What an invitation is to. */
  readonly organizationId: string | undefined;
  /** The address that the link was mailed to: whoever opens it has shown that it is theirs. */
  readonly email: string;
  /** What the account takes over when the link of a sign-up is opened: until then anybody could have given it. */
  readonly signUp?: GivenAtSignUp | undefined;
}

/** A new link, by the hash of its token. */
export interface NewMailToken extends StoredMailToken {
  readonly hash: string;
  /** From this time on it opens nothing. */
  readonly expiresAt: number;
  readonly now: number;
}

/** Makes a link good for one use. */
export async function addMailToken(db: Db, token: NewMailToken): Promise<void> {
  await db
    .insertInto('mail_tokens')
    .values({
      hash: token.hash,
      purpose: token.purpose,
      user_id: token.userId,
      organization_id: token.organizationId ?? null,
      email: plainEmail(token.email),
      password: token.signUp?.password ?? null,
      first_name: token.signUp?.profile.firstName ?? null,
      last_name: token.signUp?.profile.lastName ?? null,
      company: token.signUp?.profile.company ?? null,
      expires_at: token.expiresAt,
      created_at: token.now,
    })
    .execute();
}

/**
 * Uses a link up: of several who try at once, one gets it. Undefined when it was used, has expired, or is for something
 * else.
 */
export async function takeMailToken(
  db: Db,
  hash: string,
  purpose: MailPurpose,
  now: number,
): Promise<StoredMailToken | undefined> {
  const row = await db
    .deleteFrom('mail_tokens')
    .where('hash', '=', hash)
    .where('purpose', '=', purpose)
    .where('expires_at', '>', now)
    .returningAll()
    .executeTakeFirst();
  return row && tokenOf(row);
}

/** Makes a user's links for one purpose void: a newer one takes their place, or they are no longer wanted. */
export async function deleteMailTokens(db: Db, userId: string, purpose: MailPurpose): Promise<void> {
  await db.deleteFrom('mail_tokens').where('user_id', '=', userId).where('purpose', '=', purpose).execute();
}

/** Forgets links that open nothing any more. */
export async function deleteExpiredMailTokens(db: Db, now: number): Promise<void> {
  await db.deleteFrom('mail_tokens').where('expires_at', '<=', now).execute();
}

function tokenOf(row: MailTokenTable): StoredMailToken {
  return {
    purpose: row.purpose,
    userId: row.user_id,
    organizationId: row.organization_id ?? undefined,
    email: row.email,
    signUp: signUpOf(row),
  };
}

function signUpOf(row: MailTokenTable): GivenAtSignUp | undefined {
  if (row.password === null) return undefined;
  const { password, first_name, last_name, company } = row;
  return {
    password,
    profile: { firstName: first_name ?? '', lastName: last_name ?? '', company: company ?? '' },
  };
}
