import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSecretKey } from './secret-key.ts';

/** 32 bytes, written in the ways in which a person may give them. */
const BYTES = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7));
const PASSPHRASE = 'a walk in the woods, with the dog';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'secret-key-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const keyFile = () => join(directory, 'secret.key');

/** What reading the file complains of, with the file's path written as FILE. */
function complaint(): string {
  try {
    readSecretKey(undefined, directory);
    return 'none';
  } catch (error) {
    return String(error).replaceAll(keyFile(), 'FILE');
  }
}

describe('a secret key that is given', () => {
  test.each([
    ['hexadecimal', BYTES.toString('hex')],
    ['hexadecimal in capitals', BYTES.toString('hex').toUpperCase()],
    ['base64 with the line end of a file', `${BYTES.toString('base64')}\n`],
  ])('is the same in %s', (_, text) => {
    const key = readSecretKey(text, directory);
    expect(key.fingerprint).toBe(readSecretKey(BYTES.toString('base64'), directory).fingerprint);
    expect(key.key('tokens')).toHaveLength(32);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('may be a passphrase, the same on every machine and keyboard', () => {
    const composed = readSecretKey(`${PASSPHRASE} é`, directory);
    expect(readSecretKey(`${PASSPHRASE} e\u0301`, 'elsewhere').fingerprint).toBe(composed.fingerprint);
    expect(readSecretKey(`${PASSPHRASE} e`, directory).fingerprint).not.toBe(composed.fingerprint);
  });

  test.each(['', 'secret', 'x'.repeat(31), BYTES.subarray(1, 20).toString('base64')])(
    'is refused when it is short, and not repeated: %o',
    (text) => {
      const read = () => readSecretKey(text, directory);
      expect(read).toThrow(/^METAROUTER_SECRET_KEY is no key: give 32 random bytes .* 32 characters\.$/);
    },
  );

  test('gives each purpose a key of its own, which tells neither the others nor the secret', () => {
    const secretKey = readSecretKey(BYTES.toString('hex'), directory);
    const keys = ['sealing', 'tokens'].map((purpose) => secretKey.key(purpose).toString('hex'));
    expect(new Set([...keys, BYTES.toString('hex')])).toHaveLength(3);
    expect(secretKey.key('tokens').toString('hex')).toBe(keys[1]);
    expect(secretKey.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    for (const known of [...keys, BYTES.toString('hex')]) expect(known).not.toContain(secretKey.fingerprint);
  });

  test('is in nothing that is written of it', () => {
    const secretKey = readSecretKey(BYTES.toString('hex'), directory);
    expect(JSON.parse(JSON.stringify(secretKey))).toEqual({ fingerprint: secretKey.fingerprint });
  });
});

describe('a secret key that is not given', () => {
  test('is made once, for its owner alone, and found again', () => {
    const made = readSecretKey(undefined, join(directory, 'data'));
    const file = join(directory, 'data', 'secret.key');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(directory, 'data'))).toEqual(['secret.key']);
    expect(readSecretKey(undefined, join(directory, 'data')).fingerprint).toBe(made.fingerprint);
    expect(readSecretKey(readFileSync(file, 'utf8'), 'elsewhere').fingerprint).toBe(made.fingerprint);
  });

  test('is another one in each data directory', () => {
    const fingerprints = ['a', 'b'].map(
      (name) => readSecretKey(undefined, join(directory, name)).fingerprint,
    );
    expect(new Set(fingerprints)).toHaveLength(2);
  });

  test.each([
    '',
    'AAAA\n',
    `${'A'.repeat(43)}\n`,
    `${'A'.repeat(44)}\n`,
    'not a key, but longer than 32 characters\n',
  ])('is never replaced when its file holds no key: %o', (text) => {
    writeFileSync(keyFile(), text, { mode: 0o600 });
    expect(complaint()).toBe(
      `SecretKeyUnusable: FILE holds ${text.trim().length} characters that are no key (32 bytes in base64 are 44): put ` +
        'the right file back. Without it, stored credentials cannot be opened; where there are none yet, delete it ' +
        'and start again.',
    );
    expect(readFileSync(keyFile(), 'utf8')).toBe(text);
  });

  test('is not used when everybody on the machine can read it', () => {
    readSecretKey(undefined, directory);
    chmodSync(keyFile(), 0o644);
    expect(complaint()).toMatch(
      /^SecretKeyUnusable: FILE is open to everybody .*\(mode 644\): run `chmod 600`/,
    );
    chmodSync(keyFile(), 0o640);
    expect(complaint()).toBe('none');
  });

  test('says what to do when its file cannot be read', () => {
    // A link that leads to itself: the superuser cannot open it either.
    symlinkSync('secret.key', keyFile());
    expect(complaint()).toMatch(/^SecretKeyUnusable: FILE cannot be read: make it readable/);
  });
});
