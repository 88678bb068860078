/** A hashed password with all that it takes to check one against it, in the PHC string format. */
export type PasswordHash = `$argon2id$${string}`;

/** What hashing costs. */
export interface HashCost {
  /** KiB of memory. */
  readonly memory: number;
  /** How often the memory is gone through. */
  readonly passes: number;
  readonly parallelism: number;
}

/** What a PHC string says. */
export interface HashParts {
  readonly cost: HashCost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const PHC_STRING =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** The PHC string that says all of this. */
export function phcString({ cost, salt, hash }: HashParts): PasswordHash {
  const { memory, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

/**
 * Reads what `phcString` wrote, at whatever cost.
 *
 * @throws TypeError when the text is something else. The message does not repeat it.
 */
export function readPhcString(text: string): HashParts {
  const match = PHC_STRING.exec(text);
  if (match === null) throw new TypeError('A stored password is no argon2id hash in the PHC string format.');
  const [, memory, passes, parallelism, salt = '', hash = ''] = match;
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

/** Base64 as PHC strings have it: without the = signs at its end. */
function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
