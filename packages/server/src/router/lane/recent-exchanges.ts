import type { OutgoingRequest } from '@metarouter/destinations';
import type { Outcome } from '../../delivery/outcome.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Delivery } from './delivery.ts';

/** What was sent and what was answered, as it happened. */
export interface RecentExchange {
  readonly messageIds: readonly string[];
  readonly request: OutgoingRequest;
  /** Of the first event in it, counted from 1. */
  readonly attempt: number;
  /** In milliseconds since 1970. */
  readonly at: number;
  /** How long the answer took, in milliseconds; undefined while it is awaited. */
  readonly tookMs: number | undefined;
  readonly outcome: Outcome | undefined;
}

/** Requests with more events in them than this are not remembered by event. */
const EVENTS_MAX = 500;

/** A lane's last exchanges, so that a person sees what was really sent. The oldest make room for new ones. */
export class RecentExchanges {
  readonly #clock: Clock;
  readonly #size: number;
  readonly #exchanges: RecentExchange[] = [];
  #next = 0;

  /** Keeps so many exchanges. */
  constructor(clock: Clock, size: number) {
    this.#clock = clock;
    this.#size = size;
  }

  /** Notes a request that goes out now; the function that it returns notes the answer. */
  sent(
    deliveries: readonly Delivery[],
    request: OutgoingRequest,
    attempt: number,
  ): (outcome: Outcome) => void {
    const startedAt = this.#clock.monotonic();
    const exchange: { -readonly [K in keyof RecentExchange]: RecentExchange[K] } = {
      messageIds: deliveries.slice(0, EVENTS_MAX).map(({ messageId }) => messageId),
      request,
      attempt,
      at: this.#clock.now(),
      tookMs: undefined,
      outcome: undefined,
    };
    this.#exchanges[this.#next] = exchange;
    this.#next = (this.#next + 1) % this.#size;
    return (outcome) => {
      exchange.tookMs = this.#clock.monotonic() - startedAt;
      exchange.outcome = outcome;
    };
  }

  /** Those of an event, oldest first. */
  of(messageId: string): readonly RecentExchange[] {
    return this.#exchanges
      .filter(({ messageIds }) => messageIds.includes(messageId))
      .toSorted((one, other) => one.at - other.at);
  }
}
