import type { Mailer } from './delivery/mailer.ts';
import type { FileInvitation } from './store/file-members.ts';

/** Who invites the people of a workspace file. */
const INVITER = { name: 'Whoever runs MetaRouter', email: '' };

/** Mails the invitations of a workspace file. */
export async function mailInvitations(
  invitations: readonly FileInvitation[],
  publicUrl: string,
  mailer: Mailer,
): Promise<void> {
  // Loaded for this alone: most starts invite nobody.
  const { invitationMail } = await import('./control/mails/invitation-mail.ts');
  for (const { email: to, ...invitation } of invitations)
    await mailer.send(invitationMail({ ...invitation, to, publicUrl, inviter: INVITER }));
}
