import { newToken } from '../../platform/one-time-tokens.ts';
import {
  addMailToken,
  deleteMailTokens,
  type GivenAtSignUp,
  type MailPurpose,
} from '../../store/mail-tokens.ts';
import type { Db } from '../../store/store.ts';
import type { StoredUser } from '../../store/users.ts';
import { LINKS } from '../mails/links.ts';

/** What a link is for, beside whose it is. */
interface Link {
  readonly purpose: MailPurpose;
  /** Where it is mailed to, when that is not the account's address. */
  readonly email?: string;
  readonly organizationId?: string;
  /** What somebody gave who signed up. */
  readonly signUp?: GivenAtSignUp;
  readonly now: number;
}

const PURPOSES = ['confirm', 'reset', 'invitation'] as const satisfies readonly MailPurpose[];

/**
 * Makes the token of a link to be mailed. Of the links for one purpose only a user's last works; but those of several who
 * sign up with one address, and of several organizations that invite it, work beside each other until one is opened.
 */
export async function newLink(
  db: Db,
  user: Pick<StoredUser, 'id' | 'email'>,
  { purpose, email = user.email, organizationId, signUp, now }: Link,
): Promise<string> {
  const { token, hash } = newToken();
  if (purpose !== 'invitation' && signUp === undefined) await deleteMailTokens(db, user.id, purpose);
  const expiresAt = now + LINKS[purpose].validMs;
  await addMailToken(db, { hash, purpose, userId: user.id, organizationId, email, signUp, expiresAt, now });
  return token;
}

/** From now on none of a user's links works, whatever it was mailed for. */
export async function endLinks(db: Db, userId: string): Promise<void> {
  for (const purpose of PURPOSES) await deleteMailTokens(db, userId, purpose);
}
