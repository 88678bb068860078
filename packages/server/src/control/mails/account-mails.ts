import type { Mail } from '../../delivery/mailer.ts';
import { type Addressed, layOut } from './layout.ts';
import { forgottenLink, signInLink, tokenLink, worksFor } from './links.ts';
import { moment } from './moment.ts';
import { own, type Prose, prose } from './prose.ts';

/** Whom a mail with a link is for, and the token that the link holds. */
export interface WithToken extends Addressed {
  readonly token: string;
}

/** When somebody did what a mail tells of, and from where. */
export interface Deed {
  /** In milliseconds since 1970. */
  readonly at: number;
  /** The client's IP address; empty when it was nobody on the network. */
  readonly from: string;
}

/**
 * To somebody who signed up with an address that has no account yet. Anybody can sign up with it, and the link decides whose
 * password the account gets: so the mail tells whose it is.
 */
export function confirmAddressMail({ to, publicUrl, token, ...deed }: WithToken & Deed): Mail {
  return layOut({
    to,
    publicUrl,
    subject: prose`Confirm your e-mail address`,
    heading: 'Confirm your e-mail address',
    body: [
      prose`Somebody signed up for MetaRouter with the address ${to}, ${whenAndWhere(deed)}.`,
      prose`If it was you, welcome! Confirm that the address is yours, and your account is ready, with the password that was given then.`,
    ],
    button: { label: 'Confirm my address', link: tokenLink(publicUrl, 'confirm', token) },
    notes: [
      worksFor('confirm'),
      prose`There are several such mails? The link that is opened first counts: open that of your own sign-up.`,
      prose`It was not you? Then leave this mail alone. Without the link there will be no account.`,
    ],
  });
}

/** To somebody who has an account, when their address is signed up once more: whoever signs up sees no difference. */
export function addressKnownMail({ to, publicUrl }: Addressed): Mail {
  return layOut({
    to,
    publicUrl,
    subject: prose`You already have an account`,
    heading: 'You already have an account',
    body: [
      prose`Somebody tried to sign up for MetaRouter with the address ${to}. You have an account with it already, so nothing was changed.`,
      prose`If it was you, just sign in.`,
    ],
    button: { label: 'Sign in', link: signInLink(publicUrl) },
    notes: [
      prose`You forgot your password? Choose a new one at ${own(forgottenLink(publicUrl))}`,
      prose`It was not you? Then there is nothing to do. Whoever it was did not learn that you have an account.`,
    ],
  });
}

/** To somebody who forgot their password. */
export function resetPasswordMail({ to, publicUrl, token, ...deed }: WithToken & Deed): Mail {
  return layOut({
    to,
    publicUrl,
    subject: prose`Choose a new password`,
    heading: 'Choose a new password',
    body: [
      prose`Somebody asked for a new password for your MetaRouter account ${to}, ${whenAndWhere(deed)}.`,
      prose`If it was you, choose one now. It signs you out everywhere else.`,
    ],
    button: { label: 'Choose a new password', link: tokenLink(publicUrl, 'reset', token) },
    notes: [
      worksFor('reset'),
      prose`It was not you? Then leave this mail alone. Your password stays as it is.`,
    ],
  });
}

/** To somebody whose password was changed, in whatever way. */
export function passwordChangedMail({ to, publicUrl, ...deed }: Addressed & Deed): Mail {
  return layOut({
    to,
    publicUrl,
    subject: prose`Your password was changed`,
    heading: 'Your password was changed',
    body: [
      prose`Somebody changed the password of your MetaRouter account ${to}, ${whenAndWhere(deed)}. Everybody who was signed in to your account was signed out.`,
      prose`If it was you, there is nothing to do.`,
    ],
    button: { label: 'It was not me', link: forgottenLink(publicUrl) },
    notes: [
      prose`It was not you? Choose a new password at once: that locks out whoever did it. Then tell an Owner of your organization.`,
    ],
  });
}

/** To the address that an account is to have from now on. */
export function confirmNewAddressMail(
  mail: WithToken & {
    /** The address that the account has still. */
    readonly oldAddress: string;
  },
): Mail {
  const { to, publicUrl, token, oldAddress } = mail;
  return layOut({
    to,
    publicUrl,
    subject: prose`Confirm your new e-mail address`,
    heading: 'Confirm your new e-mail address',
    body: [
      prose`Somebody asked to change the address of the MetaRouter account ${oldAddress} to ${to}.`,
      prose`If it was you, confirm that the new address is yours. Until then, you sign in with the old one.`,
    ],
    button: { label: 'Confirm my new address', link: tokenLink(publicUrl, 'confirm', token) },
    notes: [
      worksFor('confirm'),
      prose`It was not you? Then leave this mail alone. Without the link the account keeps its address.`,
    ],
  });
}

/** To the address that an account has still, when somebody who is signed in asked for another one. */
export function addressChangeNotice(
  mail: Addressed &
    Deed & {
      /** The address that is still to be confirmed. */
      readonly newAddress: string;
    },
): Mail {
  const { to, publicUrl, newAddress, ...deed } = mail;
  return layOut({
    to,
    publicUrl,
    subject: prose`Your e-mail address is about to change`,
    heading: 'Your e-mail address is about to change',
    body: [
      prose`Somebody asked to change the address of your MetaRouter account ${to} to ${newAddress}, ${whenAndWhere(deed)}.`,
      prose`If it was you, there is nothing to do here: open the link that we sent to the new address.`,
    ],
    button: { label: 'It was not me', link: forgottenLink(publicUrl) },
    notes: [
      prose`It was not you? Then somebody else is signed in to your account. Choose a new password at once: that signs them out, and the address stays as it is.`,
    ],
  });
}

function whenAndWhere({ at, from }: Deed): Prose {
  const when = prose`on ${moment(at)}`;
  return from === '' ? when : prose`${when} from the network address ${from}`;
}
