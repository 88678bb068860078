import { randomInt } from 'node:crypto';

/** Letters and digits that nobody takes for one another: no 0 and O, no 1, I and l, no U beside V. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz';

/** The length of a Source ID. 21 of these characters are 121 bits: nobody guesses one, and no two are the same. */
const CHARACTERS = 21;

/** An id for a new object, from the machine's secure randomness. */
export function newId(): string {
  // Each character is as likely as any other: `randomInt` throws away what would favour some.
  return Array.from({ length: CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
