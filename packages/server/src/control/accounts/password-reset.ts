import { hashOf } from '../../platform/one-time-tokens.ts';
import { type StoredMailToken, takeMailToken } from '../../store/mail-tokens.ts';
import type { Db } from '../../store/store.ts';
import { findUser, findUserByEmail, updateUser } from '../../store/users.ts';
import { emailFrom, passwordFrom } from '../input.ts';
import { passwordChangedMail, resetPasswordMail } from '../mails/account-mails.ts';
import { countGuess, unlessBusy } from './guessing.ts';
import { countMailRequest, mayMail } from './mail-counts.ts';
import { endLinks, newLink } from './mailed-link.ts';
import { linkIsVoid } from './sign-up.ts';
import { type TokenAnswer, tokenFor } from './token.ts';
import { holder, type Visit } from './visit.ts';

/** Mails a link to choose a new password with, if there is an account with this address. Nobody is told whether there is. */
export function requestPasswordReset(visit: Visit, given: string): string {
  const email = emailFrom('email', given);
  countMailRequest(visit, 'ask for reset', email);
  visit.services.background.run(() => mailReset(visit, email));
  return 'If there is an account with this address, a link to choose a new password is in the mail.';
}

async function mailReset(visit: Visit, email: string): Promise<void> {
  const { store, clock, publicUrl, mail } = visit.services;
  const now = clock.now();
  const user = await findUserByEmail(store.db, email);
  if (user === undefined || !mayMail(visit, 'reset', email)) return;
  const token = await store.change(holder(user, visit), async ({ db, note }) => {
    note({ organization: null, action: 'user.reset-requested', target: user.id, targetName: user.email });
    return newLink(db, user, { purpose: 'reset', now });
  });
  mail(resetPasswordMail({ to: user.email, publicUrl, token, at: now, from: visit.address }));
}

/**
 * Sets a new password with the token of a mailed link: one that was asked for, or an invitation. It ends all sessions and
 * all other links, and begins a session.
 */
export async function resetPassword(visit: Visit, token: string, given: string): Promise<TokenAnswer> {
  const { store, clock, passwords, publicUrl, mail } = visit.services;
  const password = passwordFrom('password', given);
  countGuess(visit, 'reset', null);
  const hash = unlessBusy(await passwords.hash(password));
  const now = clock.now();
  const unknown = { id: null, name: 'the holder of a mailed link', address: visit.address };
  const { before, after } = await store.change(unknown, async ({ db, note }) => {
    const link = await takeLink(db, hashOf(token), now);
    const before = link && (await findUser(db, link.userId));
    // A link to an address that the account has no more was mailed to somebody else.
    if (link === undefined || before?.email !== link.email) throw linkIsVoid();
    const after = await updateUser(db, before.id, { password: hash, confirmedAt: before.confirmedAt ?? now });
    if (after === undefined || after === 'conflict') throw linkIsVoid();
    // Whoever knew the old password may have asked for more.
    await endLinks(db, after.id);
    note({ organization: null, action: 'user.password-changed', target: after.id, targetName: after.email });
    return { before, after };
  });
  const to = after.email;
  if (before.password !== null) mail(passwordChangedMail({ to, publicUrl, at: now, from: visit.address }));
  return tokenFor(after, visit, 'Your new password is in force, and you are signed in.');
}

async function takeLink(db: Db, hash: string, now: number): Promise<StoredMailToken | undefined> {
  return (await takeMailToken(db, hash, 'reset', now)) ?? (await takeMailToken(db, hash, 'invitation', now));
}
