import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { KEY_BYTES, readKeyBytes } from './secret-key-text.ts';

/** There is no key to work with. The message says what is wrong with it and what to do. */
export class SecretKeyUnusable extends Error {
  override readonly name = 'SecretKeyUnusable';
}

/** In the data directory. It holds the 32 bytes in base64. */
const FILE_NAME = 'secret.key';
const OWNER_ONLY = 0o600;
/** The group may read along, as in PostgreSQL's data directory: Kubernetes gives volumes to a group. */
const EVERYBODY = 0o007;

/**
 * The 32 bytes in `secret.key`, which is made when there is none. A new file is on the disk, name and all, before this
 * returns: what is sealed under it can be opened after any crash.
 *
 * @throws SecretKeyUnusable when the file cannot be read, is open to everybody, or holds no key.
 */
export function secretOfFile(dataDirectory: string): Buffer {
  const file = join(dataDirectory, FILE_NAME);
  const found = readKeyFile(file);
  if (found !== undefined) return found;
  makeKeyFile(dataDirectory, file);
  // Read back rather than kept: when two start at once, both work with the file that won.
  const made = readKeyFile(file);
  if (made === undefined) throw new SecretKeyUnusable(`${file} went away while it was made: start again.`);
  return made;
}

function readKeyFile(file: string): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new SecretKeyUnusable(
      `${file} cannot be read: make it readable for the user that MetaRouter runs as, or set METAROUTER_SECRET_KEY.`,
      { cause: error },
    );
  }
  try {
    const mode = fstatSync(descriptor).mode & 0o777;
    if ((mode & EVERYBODY) !== 0)
      throw new SecretKeyUnusable(
        `${file} is open to everybody on this machine (mode ${mode.toString(8)}): run \`chmod 600\` on it, and if ` +
          'others could read it, count the stored credentials as known to them.',
      );
    const text = readFileSync(descriptor, 'utf8').trim();
    const bytes = readKeyBytes(text);
    if (bytes === undefined)
      throw new SecretKeyUnusable(
        `${file} holds ${text.length} characters that are no key (32 bytes in base64 are 44): put the right file ` +
          'back. Without it, stored credentials cannot be opened; where there are none yet, delete it and start again.',
      );
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

/** The file appears whole or not at all, and never takes the place of one that is there. */
function makeKeyFile(dataDirectory: string, file: string): void {
  mkdirSync(dataDirectory, { recursive: true });
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    const text = `${randomBytes(KEY_BYTES).toString('base64')}\n`;
    writeFileSync(draft, text, { mode: OWNER_ONLY, flag: 'wx', flush: true });
    linkSync(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const directory = openSync(dataDirectory, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
