import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { eventually } from './eventually.ts';

/** A mail as its reader sees it. */
export interface ReadMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** The mails that a server without a mail server has written to its data directory, oldest first. */
export async function outboxOf(data: string): Promise<readonly ReadMail[]> {
  const directory = join(data, 'outbox');
  const names = await readdir(directory).catch(() => []);
  const files = names.filter((name) => name.endsWith('.eml')).sort();
  return Promise.all(files.map(async (name) => read(await readFile(join(directory, name)))));
}

async function read(bytes: Buffer): Promise<ReadMail> {
  const mail = await PostalMime.parse(bytes);
  return { to: mail.to?.[0]?.address ?? '', subject: mail.subject ?? '', text: mail.text ?? '' };
}

/** Longer than a mail takes that is written when nothing else is to be done. */
const MAILED_WITHIN_MS = 10_000;

/** The link with a token in the last mail to an address, as soon as there is one whose subject matches. */
export async function mailedLink(data: string, to: string, subject = /./): Promise<URL> {
  let link: string | undefined;
  const look = async () => {
    const mails = (await outboxOf(data)).filter((mail) => mail.to === to && subject.test(mail.subject));
    link = /https?:\S+token=\S+/.exec(mails.at(-1)?.text ?? '')?.[0];
    return link !== undefined;
  };
  await eventually(`a mail to ${to} with a link`, look, MAILED_WITHIN_MS);
  return new URL(link ?? '');
}
