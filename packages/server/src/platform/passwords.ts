import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { type HashCost, type HashParts, type PasswordHash, phcString, readPhcString } from './phc-string.ts';

/** Whether a password is the right one; `needsRehash` when it is and its hash was made at another cost than today's. */
export interface Verdict {
  readonly matches: boolean;
  readonly needsRehash: boolean;
}

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
export const HASH_COST: HashCost = { memory: 19 * 1024, passes: 2, parallelism: 1 };

/** The least length of a new password. */
export const PASSWORD_CHARACTERS_MIN = 8;
/** Nobody types more; without a limit one request could keep the hashing busy with megabytes. */
const PASSWORD_BYTES_MAX = 1024;

/**
 * Each hash takes 19 MiB and a core for about 60 ms, so they go one after the other, and whoever would have to wait for
 * more than 60 is sent away: a team that signs in at nine waits some seconds, and the line of a flood never ends.
 */
export const WAITING_MAX = 60;

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** The work itself: `argon2` of node:crypto, which runs off the main thread. */
export type Argon2 = (algorithm: 'argon2id', task: Argon2Task) => Promise<Buffer>;

export interface Argon2Task extends HashCost {
  readonly message: string;
  readonly nonce: Buffer;
  /** Bytes to give back. */
  readonly tagLength: number;
}

/** Why a new password is not taken, as the end of a sentence that begins with "The password"; undefined when it is. */
export function passwordFault(password: string): string | undefined {
  if ([...normal(password)].length < PASSWORD_CHARACTERS_MIN)
    return `must have at least ${PASSWORD_CHARACTERS_MIN} characters`;
  if (isTooLong(password)) return `must not be longer than ${PASSWORD_BYTES_MAX} bytes`;
  return undefined;
}

/** Hashes and checks passwords with argon2id, one at a time, off the main thread. */
export class Passwords {
  readonly #cost: HashCost;
  readonly #argon2: Argon2;
  /** Stands in for the hash of an account that does not exist, so that the answer takes as long. */
  readonly #nobody: HashParts;
  /** Those in work and waiting. */
  #inLine = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(cost: HashCost = HASH_COST, work: Argon2 = promisify(argon2)) {
    this.#cost = cost;
    this.#argon2 = work;
    this.#nobody = { cost, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
  }

  /**
   * The hash to store for a password that has no `passwordFault`; 'busy' when too many are waiting.
   *
   * @throws RangeError for a password that `passwordFault` finds fault with.
   */
  async hash(password: string): Promise<PasswordHash | 'busy'> {
    const fault = passwordFault(password);
    if (fault !== undefined) throw new RangeError(`The password ${fault}.`);
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#inTurn(() => this.#derive(password, this.#cost, salt, HASH_BYTES));
    return hash === 'busy' ? hash : phcString({ cost: this.#cost, salt, hash });
  }

  /**
   * Whether a password is the one that `stored` was made of. `null` is the hash of an account that is not there or has
   * no password: nothing matches it, after the same time. 'busy' when too many are waiting.
   *
   * @throws TypeError when `stored` is no argon2id hash in the PHC string format.
   */
  async verify(password: string, stored: string | null): Promise<Verdict | 'busy'> {
    const parts = stored === null ? this.#nobody : readPhcString(stored);
    const isPossible = stored !== null && !isTooLong(password);
    const tried = isTooLong(password) ? '' : password;
    const hash = await this.#inTurn(() => this.#derive(tried, parts.cost, parts.salt, parts.hash.length));
    if (hash === 'busy') return hash;
    const matches = timingSafeEqual(hash, parts.hash) && isPossible;
    return { matches, needsRehash: matches && !this.#isToday(parts) };
  }

  #isToday({ cost, salt, hash }: HashParts): boolean {
    return (
      cost.memory === this.#cost.memory &&
      cost.passes === this.#cost.passes &&
      cost.parallelism === this.#cost.parallelism &&
      salt.length >= SALT_BYTES &&
      hash.length >= HASH_BYTES
    );
  }

  #derive(password: string, cost: HashCost, nonce: Buffer, tagLength: number): Promise<Buffer> {
    return this.#argon2('argon2id', { message: normal(password), nonce, tagLength, ...cost });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T | 'busy'> {
    if (this.#inLine > WAITING_MAX) return 'busy';
    this.#inLine += 1;
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    try {
      return await result;
    } finally {
      this.#inLine -= 1;
    }
  }
}

/** One keyboard sends é as one character, another as two: to whoever types it, it is the same password. */
function normal(password: string): string {
  return password.normalize('NFC');
}

function isTooLong(password: string): boolean {
  return Buffer.byteLength(normal(password)) > PASSWORD_BYTES_MAX;
}
