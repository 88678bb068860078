import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { ForgetfulMap } from './forgetful-map.ts';
import type { SecretKey } from './secret-key.ts';

/** Where a sealed text belongs. It opens there and nowhere else. */
export interface SealedPlace {
  readonly organization: string;
  readonly connection: string;
  readonly field: string;
}

/**
 * Seals texts at rest with AES-256-GCM. Each organization has a data key of its own, which is itself sealed under the
 * operator's key: so that key can be changed by sealing the data keys anew, and a text opens with its organization's
 * key alone.
 */
export interface Sealer {
  /** A new data key, sealed, to be stored with the organization. */
  newDataKey(organization: string): string;
  /**
   * Seals a text for one place. Twice the same gives two different results. Half of a surrogate pair, which no wire
   * carries, comes back as U+FFFD.
   *
   * @throws SealBroken when the data key is not this organization's or was sealed under another operator's key.
   */
  seal(dataKey: string, place: SealedPlace, text: string): string;
  /**
   * Opens what was sealed for this place.
   *
   * @throws SealBroken when it was altered, belongs to another place, or was sealed under another key.
   */
  open(dataKey: string, place: SealedPlace, sealed: string): string;
}

/** Something sealed does not open. The message names the place and the reason, never what is inside. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
/** 96 bits, GCM's own size: random ones are safe for four billion texts under one key. */
const NONCE_BYTES = 12;
/** Given explicitly when opening too: otherwise shorter tags, which are easier to guess, would do. */
const TAG_BYTES = 16;
const KEY_ID_BYTES = 6;

/** The first part of everything sealed: another way of sealing would begin with another. */
const VERSION = 's1';

/** A key, and the name by which sealed texts say which key they need. */
interface NamedKey {
  readonly id: string;
  readonly key: Buffer;
}

/** Opened data keys that are remembered: opening all of a store's texts needs each organization's key many times. */
const DATA_KEYS_MAX = 100;

/** A sealer under this operator's key. */
export function createSealer(secretKey: SecretKey): Sealer {
  const operatorKey = operatorKeyOf(secretKey);
  const opened = new ForgetfulMap<NamedKey>(DATA_KEYS_MAX);
  const keyOf = (organization: string, dataKey: string) => {
    // A key that was stored with another organization must not open there.
    const name = JSON.stringify([organization, dataKey]);
    const key = opened.get(name) ?? openDataKey(operatorKey, organization, dataKey);
    opened.set(name, key);
    return key;
  };
  return {
    newDataKey: (organization) => encrypt(operatorKey, dataKeyPlace(organization), randomBytes(KEY_BYTES)),
    seal: (dataKey, place, text) =>
      encrypt(keyOf(place.organization, dataKey), textPlace(place), Buffer.from(text, 'utf8')),
    open: (dataKey, place, sealed) =>
      decrypt(keyOf(place.organization, dataKey), textPlace(place), sealed).toString('utf8'),
  };
}

/**
 * A data key, sealed anew for another operator's key. The texts that are sealed with it stay as they are.
 *
 * @throws SealBroken when it was not sealed under `from` for this organization.
 */
export function rewrap(dataKey: string, organization: string, from: SecretKey, to: SecretKey): string {
  const { key } = openDataKey(operatorKeyOf(from), organization, dataKey);
  return encrypt(operatorKeyOf(to), dataKeyPlace(organization), key);
}

/** Seals one thing under a key that is for nothing else. It opens what was sealed with the same key and for the same thing. */
export interface Seal {
  seal(text: string): string;
  /** @throws SealBroken when it was altered, is another thing, or was sealed under another key. */
  open(sealed: string): string;
}

/** A seal for the thing of this name, with 32 bytes of key. */
export function createSeal(key: Buffer, thing: string): Seal {
  const own = named(key);
  return {
    seal: (text) => encrypt(own, [thing], Buffer.from(text, 'utf8')),
    open: (sealed) => decrypt(own, [thing], sealed).toString('utf8'),
  };
}

function operatorKeyOf(secretKey: SecretKey): NamedKey {
  return named(secretKey.key('sealing'));
}

function openDataKey(operatorKey: NamedKey, organization: string, sealed: string): NamedKey {
  return named(decrypt(operatorKey, dataKeyPlace(organization), sealed));
}

/** Named by a hash that does not lead back: the key is 256 random bits. */
function named(key: Buffer): NamedKey {
  const hash = createHash('sha256').update('metarouter/key id').update(key).digest();
  return { id: hash.toString('base64url', 0, KEY_ID_BYTES), key };
}

function dataKeyPlace(organization: string): readonly string[] {
  return ['data key', organization];
}

function textPlace({ organization, connection, field }: SealedPlace): readonly string[] {
  return ['text', organization, connection, field];
}

/** `version.key id.base64url(nonce, encrypted, tag)`. */
function encrypt({ id, key }: NamedKey, place: readonly string[], plain: Uint8Array): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(id, place));
  const encrypted = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return `${VERSION}.${id}.${encrypted.toString('base64url')}`;
}

function decrypt({ id, key }: NamedKey, place: readonly string[], sealed: string): Buffer {
  const [version, keyId, body = '', ...rest] = sealed.split('.');
  const bytes = Buffer.from(body, 'base64url');
  const isWellFormed =
    rest.length === 0 &&
    bytes.length >= NONCE_BYTES + TAG_BYTES &&
    // Decoding passes over stray characters: of all texts for the same bytes only one is right.
    bytes.toString('base64url') === body;
  if (version !== VERSION || !isWellFormed) throw broken(place, 'it is nothing that was sealed here');
  if (keyId !== id) throw broken(place, 'it was sealed under another key');
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(boundTo(id, place));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw broken(place, 'it was altered, or sealed for another place', error);
  }
}

/** What is authenticated beside the text. As JSON, so that no two places can be written alike. */
function boundTo(keyId: string, place: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify([VERSION, keyId, ...place]));
}

function broken(place: readonly string[], reason: string, cause?: unknown): SealBroken {
  return new SealBroken(`Cannot open the ${place.join(' ')}: ${reason}.`, { cause });
}
