import { hashOf } from '../../platform/one-time-tokens.ts';
import { takeMailToken } from '../../store/mail-tokens.ts';
import { listMemberships } from '../../store/members.ts';
import type { Db } from '../../store/store.ts';
import {
  createUser,
  findUser,
  findUserByEmail,
  type ProfileChange,
  type StoredUser,
  updateUser,
} from '../../store/users.ts';
import { emailFrom, passwordFrom } from '../input.ts';
import { addressKnownMail, confirmAddressMail } from '../mails/account-mails.ts';
import { Refusal } from '../refusal.ts';
import { countGuess, unlessBusy } from './guessing.ts';
import { countMailRequest, mayMail } from './mail-counts.ts';
import { endLinks, newLink } from './mailed-link.ts';
import { makeWay } from './make-way.ts';
import { type TokenAnswer, tokenFor } from './token.ts';
import type { Visit } from './visit.ts';

/** What somebody who signs up gives. */
export interface SignUp {
  readonly email: string;
  readonly password: string;
  readonly profile: ProfileChange;
}

/**
 * Makes an account that works once its mailed link is opened. The answer is the same for an address that has an account:
 * its holder is told by mail.
 */
export async function signUp(visit: Visit, wish: SignUp): Promise<TokenAnswer> {
  const { services } = visit;
  if (services.signUp === 'invited')
    throw new Refusal(
      'FORBIDDEN',
      'Accounts are made by invitation here: ask an owner of your organization for one.',
    );
  const email = emailFrom('email', wish.email);
  const password = passwordFrom('password', wish.password);
  countMailRequest(visit, 'sign up', email);
  const hash = unlessBusy(await services.passwords.hash(password));
  services.background.run(() => register(visit, { ...wish, email, password: hash }));
  return { success: true, message: `Open the link in the mail to ${email}: then your account is ready.` };
}

/** What was given goes with the link: whoever else signs up with the address neither changes it nor makes the link void. */
async function register(visit: Visit, { email: to, password, profile }: SignUp): Promise<void> {
  const { store, clock, publicUrl, mail } = visit.services;
  if (!mayMail(visit, 'sign up', to)) return;
  const now = clock.now();
  const { firstName = '', lastName = '', company = '' } = profile;
  const signUp = { password, profile: { firstName, lastName, company } };
  const token = await store.change({ id: null, name: to, address: visit.address }, async ({ db, note }) => {
    const user = await pendingUser(db, to, now);
    if (user === undefined) return undefined;
    note({ organization: null, action: 'user.signed-up', target: user.id, targetName: to });
    return newLink(db, user, { purpose: 'confirm', signUp, now });
  });
  mail(
    token === undefined
      ? addressKnownMail({ to, publicUrl })
      : confirmAddressMail({ to, publicUrl, token, at: now, from: visit.address }),
  );
}

/**
 * An account that waits for its address to be confirmed: a new one, or one that nobody has confirmed yet. Undefined for
 * one that is in use, or that was made for somebody who was invited: nobody else shall choose the password of that.
 */
async function pendingUser(
  db: Parameters<typeof createUser>[0],
  email: string,
  now: number,
): Promise<StoredUser | undefined> {
  const user =
    (await findUserByEmail(db, email)) ??
    (await createUser(db, { email, password: null, confirmedAt: null, now }));
  if (user === 'conflict' || user.confirmedAt !== null || (await isMember(db, user.id))) return undefined;
  return user;
}

async function isMember(db: Db, userId: string): Promise<boolean> {
  return (await listMemberships(db, userId)).length > 0;
}

/**
 * The mailed link was opened: the address is the account's from now on, and its holder is signed in. The account of a
 * sign-up has the password and the profile that were given with this link. All other links of the account end.
 */
export async function confirmEmail(visit: Visit, token: string): Promise<TokenAnswer> {
  const { store, clock } = visit.services;
  countGuess(visit, 'confirm', null);
  const now = clock.now();
  const unknown = { id: null, name: 'the holder of a mailed link', address: visit.address };
  const user = await store.change(unknown, async (change) => {
    const { db, note } = change;
    const link = await takeMailToken(db, hashOf(token), 'confirm', now);
    const before = link && (await findUser(db, link.userId));
    if (link === undefined || before === undefined) throw linkIsVoid();
    // A sign-up is over once the account is in use.
    if (link.signUp !== undefined && before.confirmedAt !== null) throw linkIsVoid();
    await makeWay(change, link.email, before);
    const confirmedAt = before.confirmedAt ?? now;
    const after = await updateUser(db, before.id, { ...link.signUp, email: link.email, confirmedAt });
    if (after === undefined) throw linkIsVoid();
    if (after === 'conflict')
      throw new Refusal(
        'CONFLICT',
        'Another account has this address meanwhile. Yours keeps the one that it had.',
      );
    await endLinks(db, after.id);
    note({ organization: null, action: 'user.confirmed', target: after.id, targetName: after.email });
    return after;
  });
  return tokenFor(user, visit, `${user.email} is confirmed, and you are signed in.`);
}

/** One answer for links that were used, have expired, or never were. */
export function linkIsVoid(): Refusal {
  return new Refusal(
    'NOT_FOUND',
    'This link does not work any more: it was used, or is too old. Ask for a new one.',
  );
}
