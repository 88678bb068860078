import type { Mailer } from './delivery/mailer.ts';
import { createMailer } from './delivery/mailer.ts';
import type { Clock } from './platform/clock.ts';
import type { Logger } from './platform/logger.ts';
import { standardMailSender } from './platform/mail-address.ts';
import type { Config } from './platform/settings.ts';
import type { FileInvitation } from './store/file-members.ts';

/** Who invites the people of a workspace file. */
const INVITER = { name: 'Whoever runs MetaRouter', email: '' };

/** Sends mails as the settings say. */
export function openMailer(config: Config, clock: Clock, logger: Logger): Mailer {
  const { smtpServer: server, publicUrl, data: dataDirectory } = config;
  const from = config.mailFrom ?? standardMailSender(server?.credentials?.user, publicUrl);
  return createMailer({ clock, logger, dataDirectory, from, server });
}

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
