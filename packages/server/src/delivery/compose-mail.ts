import MailComposer from 'nodemailer/lib/mail-composer';
import { dateOf } from '../platform/clock.ts';
import type { MailSender } from '../platform/mail-address.ts';
import type { Mail, MailMessage } from './mail.ts';

/** What would end a header's line, and with it begin another header. */
const LINE_BREAKS = /\s*[\r\n\v\f\u0085\u2028\u2029]+\s*/g;

/** Puts a mail into its format, dated `now`, in milliseconds since 1970. What it holds can add neither headers nor recipients. */
export async function composeMail(mail: Mail, from: MailSender, now: number): Promise<MailMessage> {
  const message = new MailComposer({
    from: { name: from.name, address: from.address },
    // An object is one address. Text would be read as a list, and a comma in it would make a second recipient.
    to: { name: '', address: mail.to },
    subject: mail.subject.replace(LINE_BREAKS, ' ').trim(),
    text: mail.text,
    html: mail.html,
    date: dateOf(now),
    // Nobody's absence note shall answer us.
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  return { from: from.address, to: mail.to, bytes: await message.build() };
}
