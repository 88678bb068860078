import type { Clock } from './clock.ts';
import { ForgetfulMap } from './forgetful-map.ts';
import { networkOf } from './network-of.ts';
import { keyOf, type LimitAnswer, RecentUses, takeTogether } from './recent-uses.ts';

const PERIOD_MS = 60_000;
/** A person who has forgotten a password tries fewer; at this rate a thousand common ones take more than three hours. */
export const GUESSES_AN_ACCOUNT = 5;
/** An office behind one address signs in on Monday morning; one address cannot go through many accounts. */
export const GUESSES_AN_ADDRESS = 20;

/**
 * How many accounts and how many addresses are counted, and how many pairs remembered: at most some 20 MB. Beyond, the
 * one that was quiet for longest is forgotten: an attacker with thousands of addresses wins some guesses, but nobody is
 * shut out because a table is full.
 */
export const GUESS_KEYS_MAX = 50_000;

/**
 * Slows down whoever guesses passwords and links: in any 60 seconds at most 5 guesses for an account and 20 from an
 * address, counted for each surface (a place where one can guess) by itself and in this process.
 *
 * Strangers who flood an account use up what strangers may try, and nothing else: an address from which its holder
 * has signed in before has 5 guesses of its own, and the mailed link of a password reset, which needs no guess at the
 * password, makes any address known. What is refused costs nothing, so no lock is ever longer than the flood by more
 * than a minute.
 */
export class GuessLimits {
  readonly #clock: Clock;
  readonly #accounts = minuteOf(GUESSES_AN_ACCOUNT);
  readonly #addresses = minuteOf(GUESSES_AN_ADDRESS);
  /** Pairs of account and network where the holder was seen. */
  readonly #known = new ForgetfulMap<true>(GUESS_KEYS_MAX);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts a guess, or refuses it uncounted. `account` is what the caller wrote, whether there is such an account or
   * not, in whatever case; null where a guess is at no account in particular. `address` is the client's.
   */
  take(surface: string, account: string | null, address: string): LimitAnswer {
    const network = networkOf(address);
    const uses = [{ of: this.#addresses, key: keyOf(surface, 'address', network) }];
    if (account !== null) uses.push({ of: this.#accounts, key: this.#accountKey(surface, account, network) });
    return takeTogether(uses, this.#clock.monotonic());
  }

  /** The account's holder has proved to be at this address: from now on, strangers' guesses do not count for them. */
  recognize(account: string, address: string): void {
    this.#known.set(keyOf(sameCase(account), networkOf(address)), true);
  }

  /** How many accounts and addresses are being counted. */
  get size(): number {
    return this.#accounts.size + this.#addresses.size;
  }

  #accountKey(surface: string, account: string, network: string): string {
    const pair = keyOf(sameCase(account), network);
    return this.#known.get(pair)
      ? keyOf(surface, 'holder', pair)
      : keyOf(surface, 'strangers', sameCase(account));
  }
}

function minuteOf(max: number): RecentUses {
  return new RecentUses({ periodMs: PERIOD_MS, max, keysMax: GUESS_KEYS_MAX });
}

function sameCase(account: string): string {
  return account.trim().toLowerCase();
}
