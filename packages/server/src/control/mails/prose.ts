/** A sentence or paragraph of a mail: plain text, of which some parts stand out. */
export type Prose = readonly Part[];

interface Part {
  readonly text: string;
  /** Whether it is somebody's own word, such as a name: it stands out, so that it is not taken for ours. */
  readonly given: boolean;
}

/** The longest name or answer that a mail shows, in characters. */
const GIVEN_CHARACTERS_MAX = 200;
/** The longest name of a stranger: enough to recognize somebody, too little to advertise with. */
const STRANGER_CHARACTERS_MAX = 60;

/** All that does not show, or turns the direction of what follows; two of them hold letters and emoji together. */
const UNSEEN = /(?![\u200c\u200d])[\p{C}\u2028\u2029]/gu;

/**
 * Text with values in it: prose`${name} has invited you.` Values that are text are made safe here, once for all mails: one
 * line, nothing invisible, bounded. Values that are prose are put in as they are.
 */
export function prose(texts: TemplateStringsArray, ...values: readonly (string | Prose)[]): Prose {
  return texts.flatMap((text, index) => {
    const value = values[index] ?? [];
    return [...own(text), ...(typeof value === 'string' ? [{ text: safeText(value), given: true }] : value)];
  });
}

/** Words of ours that were computed, such as a date: nothing stands out. */
export function own(text: string): Prose {
  return text === '' ? [] : [{ text, given: false }];
}

/** The words alone. */
export function plainText(parts: Prose): string {
  return parts.map(({ text }) => text).join('');
}

/** The words alone, with quotation marks where one would not see otherwise where somebody's own words end. */
export function quotedText(parts: Prose): string {
  return parts.map(({ text, given }) => (given && text.includes(' ') ? `“${text}”` : text)).join('');
}

/** A stranger's name: short, and mail programs make no link of it, or inviting people would be a way to advertise. */
export function strangersName(name: string): string {
  // A character without width: behind it nothing looks like an address any more.
  return shortened(name.trim(), STRANGER_CHARACTERS_MAX).replace(/[.:@/](?=\S)/g, '$&\u200c');
}

function safeText(value: string): string {
  return shortened(value.replace(/\s+/g, ' ').replace(UNSEEN, '').trim(), GIVEN_CHARACTERS_MAX);
}

function shortened(text: string, charactersMax: number): string {
  const characters = [...text];
  return characters.length <= charactersMax ? text : `${characters.slice(0, charactersMax).join('')}…`;
}
