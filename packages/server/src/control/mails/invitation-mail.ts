import type { Mail } from '../../delivery/mailer.ts';
import { type Addressed, layOut } from './layout.ts';
import { signInLink, tokenLink, worksFor } from './links.ts';
import { own, prose, strangersName } from './prose.ts';

export interface Invitation extends Addressed {
  readonly organization: string;
  /** Who invites. One of the two may be empty. */
  readonly inviter: { readonly name: string; readonly email: string };
  /** For the link; undefined for who has an account already. */
  readonly token: string | undefined;
}

/**
 * To somebody who was added to an organization. Who has no account yet makes one with the link; who has one only signs in, and
 * gets no link that could do more. The names are a stranger's words.
 */
export function invitationMail({ to, publicUrl, token, inviter, ...invitation }: Invitation): Mail {
  const organization = strangersName(invitation.organization);
  const { email } = inviter;
  const name = strangersName(inviter.name);
  const who = name === '' || email === '' ? prose`${name}${email}` : prose`${name} (${email})`;
  const did = own(token === undefined ? 'added' : 'invited');
  return layOut({
    to,
    publicUrl,
    subject: prose`${name === '' ? email : name} ${did} you to ${organization} on MetaRouter`,
    heading: token === undefined ? 'You have joined a team' : 'Join your team on MetaRouter',
    body: [
      prose`${who} ${did} you to the organization ${organization}. MetaRouter takes the events of its websites and apps to the tools that the team uses.`,
      token === undefined
        ? prose`You have an account already: sign in with ${to}, and the organization is there.`
        : prose`Accept the invitation and choose a password. Your account for ${to} is ready then.`,
    ],
    button:
      token === undefined
        ? { label: 'Sign in', link: signInLink(publicUrl) }
        : { label: 'Accept the invitation', link: tokenLink(publicUrl, 'invitation', token) },
    notes:
      token === undefined
        ? [prose`You do not know who this is? They see your address, and nothing else of your account.`]
        : [
            worksFor('invitation'),
            prose`You do not know who this is? Then leave this mail alone. Without the link there will be no account.`,
          ],
  });
}
