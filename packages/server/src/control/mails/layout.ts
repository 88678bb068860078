import type { Mail } from '../../delivery/mailer.ts';
import { type HtmlPage, htmlPage } from './html-page.ts';
import { type Prose, plainText, quotedText } from './prose.ts';

/** Whom a mail is for, and which server it is from. */
export interface Addressed {
  readonly to: string;
  /** Where people reach the server, without a slash at its end. */
  readonly publicUrl: string;
}

/** A mail before it has a form: what it says, in the order in which it says it. */
export interface Letter extends Addressed, Omit<HtmlPage, 'title' | 'foot'> {
  readonly subject: Prose;
}

/** The mail in its two forms, which say the same. */
export function layOut({ to, publicUrl, subject, ...page }: Letter): Mail {
  const title = plainText(subject);
  // Which server it was: people may know several.
  const foot = `Sent by MetaRouter at ${publicUrl.replace(/^https?:\/\//, '')}`;
  return {
    to,
    subject: title,
    text: textPage({ ...page, title, foot }),
    html: htmlPage({ ...page, title, foot }),
  };
}

function textPage({ heading, body, button, notes, foot }: HtmlPage): string {
  const blocks = [
    heading,
    ...body.map(quotedText),
    `${button.label}:\n${button.link}`,
    ...notes.map(quotedText),
    // Two dashes and a space: mail programs know what follows as a signature, and leave it out of replies.
    `-- \n${foot}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}
