import { type Problem, problem, RETRY_AFTER_SECONDS_MAX } from '../platform/problem.ts';
import type { Run } from './tally.ts';

/** A source may catch up on so many seconds of its rate at once: SDKs send what they kept while they were offline. */
const BURST_SECONDS = 10;

/** What is left of a source's allowance. */
interface Bucket {
  /** Below zero after a batch that was larger than what was left. */
  events: number;
  /** When `events` was true, on the monotonic clock, in milliseconds. */
  at: number;
}

/**
 * Holds each source to a rate of events. A request is taken whole or refused whole: it is taken while anything is left
 * of its sources' allowances, and what it takes too much is owed, so that a large batch is not refused for ever. Keeps
 * one small entry for each source that exists, and none for keys that do not.
 */
export class RateLimit {
  readonly #eventsPerSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  /** No limit when `eventsPerSecond` is 0. */
  constructor(eventsPerSecond: number) {
    this.#eventsPerSecond = eventsPerSecond;
  }

  /** Counts the events in, or says why and for how long none of them is taken. `now` is monotonic, in milliseconds. */
  admit(tally: readonly Run[], now: number): Problem | undefined {
    if (this.#eventsPerSecond === 0) return undefined;
    let wait = 0;
    for (const { source } of tally) {
      const { events } = this.#bucketOf(source, now);
      if (events < 1) wait = Math.max(wait, (1 - events) / this.#eventsPerSecond);
    }
    if (wait > 0) return this.#refusal(wait);
    for (const { source, count } of tally) this.#bucketOf(source, now).events -= count;
    return undefined;
  }

  /** Takes back what `admit` counted in, for events that were not stored after all: sending them again costs nothing. */
  giveBack(tally: readonly Run[]): void {
    for (const { source, count } of tally) {
      const bucket = this.#buckets.get(source);
      if (bucket !== undefined) bucket.events += count;
    }
  }

  #bucketOf(source: string, now: number): Bucket {
    const most = this.#eventsPerSecond * BURST_SECONDS;
    const bucket = this.#buckets.get(source);
    if (bucket === undefined) {
      const full = { events: most, at: now };
      this.#buckets.set(source, full);
      return full;
    }
    bucket.events = Math.min(most, bucket.events + ((now - bucket.at) / 1000) * this.#eventsPerSecond);
    bucket.at = now;
    return bucket;
  }

  #refusal(waitSeconds: number): Problem {
    return {
      ...problem(
        'over_rate',
        `this source may send ${this.#eventsPerSecond} events a second: send it again later`,
      ),
      retryAfterSeconds: Math.min(Math.ceil(waitSeconds), RETRY_AFTER_SECONDS_MAX),
    };
  }
}
