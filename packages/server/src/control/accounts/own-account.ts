import { endApiKeysOf } from '../../store/api-keys.ts';
import { listMemberships } from '../../store/members.ts';
import {
  deleteUser,
  findUserByEmail,
  type ProfileChange,
  type StoredUser,
  updateUser,
} from '../../store/users.ts';
import { emailFrom, passwordFrom } from '../input.ts';
import { addressChangeNotice, confirmNewAddressMail, passwordChangedMail } from '../mails/account-mails.ts';
import { badInput, Refusal } from '../refusal.ts';
import { countGuess, unlessBusy } from './guessing.ts';
import { countAddressChange, mayMail } from './mail-counts.ts';
import { endLinks, newLink } from './mailed-link.ts';
import { holder, type Visit } from './visit.ts';

/** What a person may change of their account. What is undefined stays. */
export interface AccountChange {
  readonly profile?: ProfileChange | undefined;
  readonly email?: string | undefined;
  readonly password?: string | undefined;
  /** Needed for all but the profile. */
  readonly currentPassword?: string | undefined;
  readonly delete?: boolean | undefined;
}

/** Changes the account; resolves with what to tell its holder. */
export async function changeAccount(visit: Visit, user: StoredUser, wish: AccountChange): Promise<string> {
  const email = wish.email === undefined ? undefined : newAddress(user, wish.email);
  const password = wish.password === undefined ? undefined : passwordFrom('password', wish.password);
  if (email !== undefined || password !== undefined || wish.delete === true)
    await checkPassword(visit, user, wish.currentPassword);
  if (wish.delete === true) return deleteAccount(visit, user);
  if (email !== undefined) countAddressChange(visit, user);
  // What can still be refused comes before anything is changed, and the address last: a new password ends mailed links.
  const hash = password === undefined ? undefined : unlessBusy(await visit.services.passwords.hash(password));
  const said = [
    await changeProfile(visit, user, wish.profile),
    await changePassword(visit, user, hash),
    askToConfirm(visit, user, email),
  ].filter((sentence) => sentence !== undefined);
  if (said.length === 0)
    throw badInput([
      { field: 'profile', message: 'is missing, and so is everything else that could be changed' },
    ]);
  return said.join(' ');
}

function newAddress(user: StoredUser, given: string): string {
  const email = emailFrom('email', given);
  if (email === user.email) throw badInput([{ field: 'email', message: 'is your address already' }]);
  return email;
}

async function checkPassword(visit: Visit, user: StoredUser, given: string | undefined): Promise<void> {
  if (given === undefined)
    throw badInput([
      { field: 'currentPassword', message: 'is missing: give your password to show that it is you' },
    ]);
  countGuess(visit, 'own password', user.email);
  const { matches } = unlessBusy(await visit.services.passwords.verify(given, user.password));
  if (!matches) throw badInput([{ field: 'currentPassword', message: 'is not your password' }]);
}

async function deleteAccount(visit: Visit, user: StoredUser): Promise<string> {
  const { store } = visit.services;
  await store.change(holder(user, visit), async (change) => {
    const { db, note } = change;
    const places = await listMemberships(db, user.id);
    if ((await deleteUser(db, user.id)) === 'last owner')
      throw new Refusal(
        'CONFLICT',
        'You are the last owner of an organization. Make somebody else an owner, or delete it, then delete your account.',
      );
    const about = { target: user.id, targetName: user.email };
    note({ ...about, organization: null, action: 'user.deleted' });
    for (const { organizationId } of places) {
      note({ ...about, organization: organizationId, action: 'member.removed' });
      await endApiKeysOf(change, organizationId, user.id);
    }
  });
  return 'Your account is deleted.';
}

async function changeProfile(visit: Visit, user: StoredUser, profile: AccountChange['profile']) {
  if (profile === undefined) return undefined;
  await visit.services.store.change(holder(user, visit), async ({ db, note }) => {
    await updateUser(db, user.id, { profile });
    note({ organization: null, action: 'user.updated', target: user.id, targetName: user.email });
  });
  return 'Your profile is changed.';
}

/** The account gets the address when the link that goes there is opened: until then anybody could have written it. */
function askToConfirm(visit: Visit, user: StoredUser, email: string | undefined) {
  if (email === undefined) return undefined;
  const { services } = visit;
  services.background.run(async () => {
    const { store, clock, publicUrl, mail } = services;
    const now = clock.now();
    mail(addressChangeNotice({ to: user.email, publicUrl, newAddress: email, at: now, from: visit.address }));
    const known = await findUserByEmail(store.db, email);
    // Its holder has not asked for anything. An account that nobody confirmed has none yet.
    if (known !== undefined && known.confirmedAt !== null) return;
    if (!mayMail(visit, 'new address', email)) return;
    const token = await store.change(holder(user, visit), async ({ db, note }) => {
      note({
        organization: null,
        action: 'user.address-change-requested',
        target: user.id,
        targetName: user.email,
      });
      return newLink(db, user, { purpose: 'confirm', email, now });
    });
    mail(confirmNewAddressMail({ to: email, publicUrl, token, oldAddress: user.email }));
  });
  return `Open the link in the mail to ${email}: then it is your address.`;
}

async function changePassword(visit: Visit, user: StoredUser, hash: string | undefined) {
  if (hash === undefined) return undefined;
  const { store, clock, publicUrl, mail } = visit.services;
  await store.change(holder(user, visit), async ({ db, note }) => {
    await updateUser(db, user.id, { password: hash });
    // Whoever knew the old one may have asked for some.
    await endLinks(db, user.id);
    note({ organization: null, action: 'user.password-changed', target: user.id, targetName: user.email });
  });
  mail(passwordChangedMail({ to: user.email, publicUrl, at: clock.now(), from: visit.address }));
  return 'Your new password is in force. All sessions have ended: sign in with it.';
}
