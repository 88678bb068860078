import type { Outcome } from '../../delivery/outcome.ts';
import type { Clock } from '../../platform/clock.ts';

/** The time that a limit is given for, in milliseconds, and the one by which a timer may come early. */
const SECOND_MS = 1_000 + 1;
/** This part of a second's requests may go out together, so that a timer that comes late costs nothing. */
const BURST_PART = 0.1;
/** What a receiver means that refuses a request as one too many and does not say how long it wants to be left alone. */
const TOO_MANY_REQUESTS = 429;
const HOLD_MS = 1_000;

/**
 * Holds all deliveries with one connection's credentials to so many requests in any second, whichever pipelines they
 * belong to. Whoever wants to send reserves its place in a line that moves on evenly; nobody can be passed over.
 */
export class RateLimit {
  readonly #clock: Clock;
  /** How far apart requests are. */
  readonly #everyMs: number;
  /** How far the line may be ahead of the clock before one has to wait. */
  readonly #slackMs: number;
  /** When the line is empty, on the clock that only grows. */
  #lineEndsAt = Number.NEGATIVE_INFINITY;

  /**
   * Any window of a second holds at most `requestsPerSecond`, a whole number above 0, as long as no delivery by itself
   * has more than a tenth of that in requests.
   */
  constructor(clock: Clock, requestsPerSecond: number) {
    const burst = Math.max(1, Math.floor(requestsPerSecond * BURST_PART));
    this.#clock = clock;
    this.#everyMs = SECOND_MS / (requestsPerSecond - burst + 1);
    this.#slackMs = this.#everyMs * (burst - 1);
  }

  /**
   * Takes places for the requests of one delivery. How many milliseconds to wait before all of them are sent: 0 for
   * none.
   */
  reserve(requests: number): number {
    const now = this.#clock.monotonic();
    this.#lineEndsAt = Math.max(this.#lineEndsAt, now) + requests * this.#everyMs;
    const lastTurn = this.#lineEndsAt - this.#everyMs;
    return Math.max(0, lastTurn - this.#slackMs - now);
  }

  /** Where the receiver says that it got too much, nobody sends who has not reserved yet, for as long as it asks. */
  heed(outcome: Outcome): void {
    if (outcome.kind !== 'retry' || outcome.status !== TOO_MANY_REQUESTS) return;
    const end = this.#clock.monotonic() + (outcome.retryAfterMs ?? HOLD_MS) + this.#slackMs;
    this.#lineEndsAt = Math.max(this.#lineEndsAt, end);
  }
}

/** The limits of a router's pipelines: one for all that have the same credentials at the same destination. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #limits = new Map<string, RateLimit>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The limit for these credentials; undefined when the destination has none. */
  of(code: string, connection: object, requestsPerSecond: number | undefined): RateLimit | undefined {
    if (requestsPerSecond === undefined) return undefined;
    const key = JSON.stringify([code, Object.entries(connection).sort()]);
    const limit = this.#limits.get(key) ?? new RateLimit(this.#clock, requestsPerSecond);
    this.#limits.set(key, limit);
    return limit;
  }
}
