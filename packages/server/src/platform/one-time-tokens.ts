import { createHash, randomBytes } from 'node:crypto';

/** 256 bits: no number of guesses finds one, so hashing them once is enough. */
const TOKEN_BYTES = 32;

/** What API keys begin with, so that people, and scanners for leaked secrets, know them for what they are. */
const API_KEY_PREFIX = 'mr_';

/** As much of an API key as tells one from another in a list: its prefix and 6 characters. */
const API_KEY_CHARACTERS_SHOWN = 9;

/** A token for a link in a mail. The holder gets `token`, the store keeps `hash`; neither leads to the other again. */
export interface OneTimeToken {
  /** 43 characters that need no escaping in a URL. */
  readonly token: string;
  readonly hash: string;
}

/** An API key: `key` is shown once, `hash` and `beginning` are kept. */
export interface NewApiKey {
  readonly key: string;
  readonly hash: string;
  /** The key's first characters, for people to tell keys apart. */
  readonly beginning: string;
}

export function newToken(): OneTimeToken {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, hash: hashOf(token) };
}

/** By which a presented token or API key is looked up: 64 hexadecimal digits. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function newApiKey(): NewApiKey {
  const key = `${API_KEY_PREFIX}${newToken().token}`;
  return { key, hash: hashOf(key), beginning: key.slice(0, API_KEY_CHARACTERS_SHOWN) };
}

/** Whether a credential is meant as an API key, and not as a session token. */
export function isApiKey(credential: string): boolean {
  return credential.startsWith(API_KEY_PREFIX);
}
