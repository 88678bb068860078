import { join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { MailSender } from '../platform/mail-address.ts';
import type { SmtpServer } from '../platform/smtp-server.ts';
import type { Mail } from './mail.ts';
import { MailQueue } from './mail-queue.ts';
import { Outbox, outboxCarrier } from './outbox.ts';

export type { Mail } from './mail.ts';

/** Takes mails to be sent. */
export interface Mailer {
  /**
   * Takes the mail over, without waiting for a server or a disk, so that nobody learns from the time it takes whether there
   * was a mail. Never rejects: a mail that cannot be sent ends as a file in the outbox, and the log says so.
   */
  send(mail: Mail): Promise<void>;
  /** Tries once more all that waits, for a few seconds at most; what is left is in the outbox then. */
  stop(): Promise<void>;
}

export interface MailerOptions {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** The outbox is in it. */
  readonly dataDirectory: string;
  readonly from: MailSender;
  /** Without one, mails are written to the outbox. */
  readonly server: SmtpServer | undefined;
}

/** The folder in the data directory that mails are written to, as `.eml` files that mail programs open. */
const OUTBOX = 'outbox';

/** A mailer that sends through the server that is set, or else writes into the outbox. Nothing happens before the first mail. */
export function createMailer({ clock, logger, dataDirectory, from, server }: MailerOptions): Mailer {
  const outbox = new Outbox(join(dataDirectory, OUTBOX), clock);
  // What knows the formats of mail takes 20 MB of memory: a server that never sends a mail goes without.
  const queue = new MailQueue({
    clock,
    logger,
    outbox,
    compose: async (mail) => (await import('./compose-mail.ts')).composeMail(mail, from, clock.now()),
    openCarrier: async () => {
      if (server === undefined) return outboxCarrier(outbox, logger);
      const { SmtpCarrier } = await import('./smtp-carrier.ts');
      return new SmtpCarrier(server, clock);
    },
  });
  return { send: (mail) => queue.add(mail), stop: () => queue.stop() };
}
