import type { Clock, Random } from '../../platform/clock.ts';
import { probeWaitMs } from './retry.ts';

/** Attempts that are looked back on. */
const LAST_ATTEMPTS = 100;
/** Fewer attempts, or failures of fewer users, say nothing of the destination: a few events may be at fault. */
const ATTEMPTS_MIN = 20;
const USERS_MIN = 5;
/** Events that are looked back on for errors of our own, and the part of them that is too much. */
const LAST_PLANS = 200;
const OWN_ERRORS_PART = 0.5;

/**
 * Why a lane waits: its destination fails, refuses the pipeline itself, or an error of our own would make dead letters
 * of most events.
 */
export type Trouble = 'failing' | 'refused' | 'broken';

export interface BreakerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Called when an event may be tried, once each time. */
  readonly onProbe: () => void;
}

/**
 * Decides whether a lane sends. Closed, everything goes. Open, the lane waits at its position, no event's time runs, and
 * one event at a time is tried: after a second at first, then after twice as long each time, up to a minute. The first
 * that succeeds closes it. An error of our own does not go away: then nothing is tried before the pipeline is changed,
 * or the process is started with a better version.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #attempts = new Recent<string | undefined>(LAST_ATTEMPTS);
  readonly #plans = new Recent<boolean>(LAST_PLANS);
  #trouble: Trouble | undefined;
  #openedAt = 0;
  /** How long it was open, before it was opened last. */
  #openMs = 0;
  #successes = 0;
  #failedProbes = 0;
  #cancelProbe: (() => void) | undefined;
  #restUntil = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Why the lane waits; undefined when it does not. */
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** How many attempts have succeeded. */
  get successes(): number {
    return this.#successes;
  }

  /** A clock that stands still while the lane waits, in milliseconds. */
  activeMs(): number {
    const now = this.#options.clock.monotonic();
    return (this.#trouble === undefined ? now : this.#openedAt) - this.#openMs;
  }

  /** An attempt succeeded, or was answered in a way that shows that the destination works. True: this closes it. */
  succeeded(): boolean {
    this.#successes += 1;
    this.#attempts.add(undefined);
    // Whoever takes events again needs no rest any more, whatever it asked for when it refused one of them.
    this.#restUntil = 0;
    return this.#close();
  }

  /**
   * An attempt for an event of this user failed, and may succeed later. True: this opens it. The receiver may have
   * asked for a pause.
   */
  failed(user: string, retryAfterMs = 0): boolean {
    this.#attempts.add(user);
    this.#restUntil = Math.max(this.#restUntil, this.#options.clock.monotonic() + retryAfterMs);
    const failures = this.#attempts.last.filter((failed) => failed !== undefined);
    const isEnough = this.#attempts.last.length >= ATTEMPTS_MIN && new Set(failures).size >= USERS_MIN;
    return isEnough && failures.length * 2 > this.#attempts.last.length && this.#open('failing');
  }

  /**
   * An attempt for an event of this user was refused as if the pipeline were wrong. True: this opens it. While most
   * attempts succeed it does not: then the receiver refuses the event, or has only just begun to refuse all of them.
   */
  refused(user: string): boolean {
    this.#attempts.add(user);
    const { last } = this.#attempts;
    const failures = last.filter((failed) => failed !== undefined).length;
    return (last.length < ATTEMPTS_MIN || failures * 2 > last.length) && this.#open('refused');
  }

  /** An event was planned; or could not be, by an error of our own. True: this opens it. */
  planned(isOwnError: boolean): boolean {
    this.#plans.add(isOwnError);
    const { last } = this.#plans;
    if (!isOwnError || last.length < LAST_PLANS) return false;
    return last.filter(Boolean).length > LAST_PLANS * OWN_ERRORS_PART && this.#open('broken');
  }

  /** Lets the next probe come in its time, unless one is awaited already. Nothing may be under way. */
  probeLater(): void {
    if (!this.#isProbing || this.#cancelProbe !== undefined) return;
    const { clock, random, onProbe } = this.#options;
    const rest = this.#restUntil - clock.monotonic();
    this.#cancelProbe = clock.after(Math.max(probeWaitMs(this.#failedProbes, random), rest), () => {
      this.#cancelProbe = undefined;
      this.#failedProbes += 1;
      onProbe();
    });
  }

  /** Calls the next probe off. */
  stop(): void {
    this.#cancelProbe?.();
    this.#cancelProbe = undefined;
  }

  /** Whether what is wrong may pass by itself. */
  get #isProbing(): boolean {
    return this.#trouble === 'failing' || this.#trouble === 'refused';
  }

  /** An error of our own is the worst trouble: while the lane waits for anything else, it would go on burning events. */
  #open(trouble: Trouble): boolean {
    if (this.#trouble !== undefined && (trouble !== 'broken' || this.#trouble === 'broken')) return false;
    if (this.#trouble === undefined) this.#openedAt = this.#options.clock.monotonic();
    this.#trouble = trouble;
    if (trouble === 'broken') this.stop();
    return true;
  }

  #close(): boolean {
    if (!this.#isProbing) return false;
    this.stop();
    this.#openMs += this.#options.clock.monotonic() - this.#openedAt;
    // What was refused says nothing of events that are taken again, and what was taken before still does.
    if (this.#trouble === 'failing') this.#attempts.clear();
    this.#trouble = undefined;
    this.#failedProbes = 0;
    this.#plans.clear();
    return true;
  }
}

/** The last few of many, in no order. */
class Recent<T> {
  readonly #size: number;
  #entries: T[] = [];
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  get last(): readonly T[] {
    return this.#entries;
  }

  add(entry: T): void {
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % this.#size;
  }

  clear(): void {
    this.#entries = [];
    this.#next = 0;
  }
}
