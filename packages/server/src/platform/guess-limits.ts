import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { Clock } from './clock.ts';
import { ForgetfulMap } from './forgetful-map.ts';

/** Whether a guess may be made now, or after how many whole seconds. */
export type GuessAnswer = { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number };

const PERIOD_MS = 60_000;
/** A person who has forgotten a password tries fewer; at this rate a thousand common ones take more than three hours. */
export const GUESSES_AN_ACCOUNT = 5;
/** An office behind one address signs in on Monday morning; one address cannot go through many accounts. */
export const GUESSES_AN_ADDRESS = 20;

/** The whole of an ordinary IPv6 connection: whoever has one address of it has all of them. */
const IPV6_NETWORK_BITS = 64;

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
  readonly #accounts = new RecentGuesses(GUESSES_AN_ACCOUNT);
  readonly #addresses = new RecentGuesses(GUESSES_AN_ADDRESS);
  /** Pairs of account and network where the holder was seen. */
  readonly #known = new ForgetfulMap<true>(GUESS_KEYS_MAX);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts a guess, or refuses it uncounted. `account` is what the caller wrote, whether there is such an account or
   * not, in whatever case; null where a guess is at no account in particular. `address` is the client's.
   */
  take(surface: string, account: string | null, address: string): GuessAnswer {
    const now = this.#clock.monotonic();
    const network = networkOf(address);
    const addressKey = keyOf(surface, 'address', network);
    const accountKey = account === null ? undefined : this.#accountKey(surface, account, network);
    const accountWait = accountKey === undefined ? 0 : this.#accounts.wait(accountKey, now);
    const wait = Math.max(accountWait, this.#addresses.wait(addressKey, now));
    if (wait > 0) return { ok: false, retryAfterSeconds: Math.ceil(wait / 1_000) };
    this.#addresses.count(addressKey, now);
    if (accountKey !== undefined) this.#accounts.count(accountKey, now);
    return { ok: true };
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

/** The moments of each key's last guesses, on the monotonic clock. */
class RecentGuesses {
  readonly #max: number;
  readonly #moments = new ForgetfulMap<readonly number[]>(GUESS_KEYS_MAX);
  #agedAt = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#moments.size;
  }

  /** Milliseconds until this key may guess again. */
  wait(key: string, now: number): number {
    // Of the last `max` guesses the first has to be over before there can be another.
    const first = this.#moments.get(key)?.at(-this.#max);
    return first === undefined ? 0 : Math.max(0, first + PERIOD_MS - now);
  }

  count(key: string, now: number): void {
    if (now - this.#agedAt >= PERIOD_MS) {
      this.#moments.age();
      this.#agedAt = now;
    }
    this.#moments.set(key, [...(this.#moments.get(key) ?? []), now].slice(-this.#max));
  }
}

/** Addresses of one IPv6 network are one guesser; IPv4 addresses are also known by their IPv6-mapped form. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv6'
    ? ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/${IPV6_NETWORK_BITS}`).toString()
    : parsed.toString();
}

function sameCase(account: string): string {
  return account.trim().toLowerCase();
}

/** One size for all keys, whatever a caller wrote, and nobody's address or account is lying about in memory. */
function keyOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
