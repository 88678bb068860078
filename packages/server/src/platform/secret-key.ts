import { hkdfSync } from 'node:crypto';
import { SecretKeyUnusable, secretOfFile } from './secret-key-file.ts';
import { KEY_BYTES, SECRET_KEY_REMEDY, secretOf } from './secret-key-text.ts';

/** The operator's secret: all other keys come from it, and nothing tells what it is itself. */
export interface SecretKey {
  /** 32 bytes for one purpose. Keys for two purposes tell nothing about each other or about the secret. */
  key(purpose: string): Buffer;
  /** 16 hexadecimal digits that tell two secrets apart and give neither away. */
  readonly fingerprint: string;
}

const FINGERPRINT_BYTES = 8;

/**
 * The secret key that was given (`METAROUTER_SECRET_KEY`); without one, that of the data directory, where one is made
 * at the first start. A passphrase takes about a tenth of a second.
 *
 * @throws SecretKeyUnusable when what was given or found is no good key.
 */
export function readSecretKey(given: string | undefined, dataDirectory: string): SecretKey {
  const secret = given === undefined ? secretOfFile(dataDirectory) : secretOf(given);
  if (secret === undefined)
    throw new SecretKeyUnusable(`METAROUTER_SECRET_KEY is no key: ${SECRET_KEY_REMEDY}.`);
  const derive = (info: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, '', `metarouter/${info}`, length));
  return {
    key: (purpose) => derive(`key/${purpose}`, KEY_BYTES),
    fingerprint: derive('fingerprint', FINGERPRINT_BYTES).toString('hex'),
  };
}
