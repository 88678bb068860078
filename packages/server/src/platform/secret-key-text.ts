import { scryptSync } from 'node:crypto';

/** The size of every key of ours: 256 bits. */
export const KEY_BYTES = 32;

const PASSPHRASE_CHARACTERS_MIN = 32;
/** 32 MiB and about a tenth of a second, once at each start: makes guessing a weak passphrase dear. */
const STRETCHING = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 ** 2 };
/** The same passphrase has to give the same key on every machine, so there is no place for a random salt. */
const STRETCHING_SALT = 'metarouter/passphrase';

/** What is taken for a secret key, for whoever has to give one. */
export const SECRET_KEY_REMEDY =
  'give 32 random bytes in base64 or hexadecimal, as `openssl rand -base64 32` prints them, or a passphrase of at ' +
  'least 32 characters';

/** Whether `secretOf` gets a key out of this text. Takes no time. */
export function isSecretKeyText(text: string): boolean {
  const trimmed = text.trim();
  return readKeyBytes(trimmed) !== undefined || [...trimmed].length >= PASSPHRASE_CHARACTERS_MIN;
}

/** The 32 bytes that a text stands for: written out, or stretched from a passphrase. Undefined when it is too short. */
export function secretOf(text: string): Buffer | undefined {
  if (!isSecretKeyText(text)) return undefined;
  const trimmed = text.trim();
  return (
    readKeyBytes(trimmed) ?? scryptSync(trimmed.normalize('NFC'), STRETCHING_SALT, KEY_BYTES, STRETCHING)
  );
}

/** 32 bytes in base64 or hexadecimal; undefined for anything shorter, longer or otherwise written. */
export function readKeyBytes(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === KEY_BYTES && bytes.toString('base64') === text ? bytes : undefined;
}
