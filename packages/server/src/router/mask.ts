/** Hides secrets in what people are shown: vendors and receivers sometimes repeat what they were sent. */
export type Mask = (text: string) => string;

const HIDDEN = '[secret]';

/** Of a shorter piece nobody can tell what it is the beginning of. */
const PIECE_CHARACTERS_MIN = 4;

/**
 * Hides these texts, also as they stand in JSON; the longer ones first, since one may be a part of another. Answers are
 * cut while they are read, so the beginning of one that a text ends with is hidden as well.
 */
export function maskOf(secrets: readonly string[]): Mask {
  const inJson = secrets.map((secret) => JSON.stringify(secret).slice(1, -1));
  const hidden = [...new Set([...secrets, ...inJson])].toSorted((one, other) => other.length - one.length);
  return (text) => {
    const piece = Math.max(0, ...hidden.map((secret) => pieceAtEnd(text, secret)));
    const rest = piece === 0 ? text : text.slice(0, -piece) + HIDDEN;
    return hidden.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), rest);
  };
}

/** How many characters at the end of a text are a secret, or the beginning of one. */
function pieceAtEnd(text: string, secret: string): number {
  for (let length = Math.min(secret.length, text.length); length >= PIECE_CHARACTERS_MIN; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}
