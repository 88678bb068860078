import { createHash } from 'node:crypto';
import type { Batch, OutgoingRequest } from '@metarouter/destinations';
import type { Outcome } from '../../delivery/outcome.ts';
import type { Channel } from '../../delivery/sender.ts';
import { bodyOf, idempotencyKey } from '../plan.ts';
import type { Delivery, Failed } from './delivery.ts';
import type { RateLimit } from './rate-limit.ts';
import type { RecentExchanges } from './recent-exchanges.ts';

export interface ShippingOptions {
  readonly pipeline: string;
  readonly isReplay: boolean;
  readonly channel: Channel;
  readonly batch: Batch | undefined;
  readonly rate: RateLimit | undefined;
  readonly recent: RecentExchanges;
}

/** What one attempt came to for one delivery. */
export interface Attempted {
  readonly delivery: Delivery;
  /** What is to be sent again. */
  readonly again: readonly OutgoingRequest[];
  /** Why, as the last answer said. */
  readonly failure: Failed | undefined;
  /** Whether an answer was about the pipeline and not about the event. */
  readonly isRefused: boolean;
  /** Whether it was refused together with others, and nothing says which of them are at fault. */
  readonly isSplit: boolean;
}

/** What an answer says of one event. */
interface Answered {
  readonly outcome: Outcome;
  /** Whether it says the same of several. */
  readonly isShared: boolean;
}

/** Makes attempts: one request for each that a delivery needs, or for each that several have in common. */
export class Shipping {
  readonly #options: ShippingOptions;

  constructor(options: ShippingOptions) {
    this.#options = options;
  }

  /** How many requests one attempt for these deliveries makes. */
  requestsFor([first]: readonly Delivery[]): number {
    return first?.requests?.length ?? 0;
  }

  /**
   * Sends what these deliveries still need and calls `onAttempted` once, with each of them in order, when all is
   * answered. Several go together only where the destination takes batches, and only with requests of the same keys.
   */
  ship(deliveries: readonly Delivery[], onAttempted: (attempted: readonly Attempted[]) => void): void {
    const attempts = deliveries.map((delivery) => new Attempt(delivery));
    const requests = deliveries[0]?.requests ?? [];
    let unanswered = requests.length;
    for (const place of requests.keys()) {
      const parts = deliveries.flatMap((delivery) => delivery.requests?.[place] ?? []);
      void this.#send(deliveries, parts).then((outcomes) => {
        for (const [at, attempt] of attempts.entries()) attempt.answered(parts[at], outcomes(at));
        unanswered -= 1;
        if (unanswered === 0) onAttempted(attempts);
      });
    }
  }

  /** Sends one request for the same part of all deliveries; resolves with the outcome of each. */
  async #send(
    deliveries: readonly Delivery[],
    parts: readonly OutgoingRequest[],
  ): Promise<(place: number) => Answered> {
    const { pipeline, isReplay, channel, batch, rate, recent } = this.#options;
    const [first] = deliveries;
    const [part] = parts;
    if (first?.parcel === undefined || part === undefined) throw new Error('a delivery has nothing to send');
    const request = batch === undefined ? part : batch.join(parts);
    const body = bodyOf(request, first.parcel);
    const wholeAnswer = batch?.outcomesOf !== undefined;
    const replay = isReplay || first.letter !== undefined;
    const key = idempotencyKey(pipeline, idOf(deliveries));
    const sent = recent.sent(deliveries, request, first.attempts);
    const outcome = await channel.send({ request, body, idempotencyKey: key, replay, wholeAnswer });
    sent(outcome);
    rate?.heed(outcome);
    const own = batch === undefined ? [] : ownOutcomes(batch, outcome, parts);
    const shared = { outcome, isShared: parts.length > 1 };
    return (place) => own[place] ?? shared;
  }
}

/** What one attempt has come to so far. */
class Attempt implements Attempted {
  readonly delivery: Delivery;
  readonly again: OutgoingRequest[] = [];
  failure: Failed | undefined;
  isRefused = false;
  isSplit = false;

  constructor(delivery: Delivery) {
    this.delivery = delivery;
  }

  answered(request: OutgoingRequest | undefined, { outcome, isShared }: Answered): void {
    if (request === undefined) return;
    if (outcome.kind === 'rejected' && isShared) {
      this.again.push(request);
      this.isSplit = true;
      return;
    }
    if (outcome.kind === 'delivered' || outcome.kind === 'rejected') {
      if (outcome.kind === 'rejected') this.delivery.refusal = outcome;
      this.delivery.answered = [...this.delivery.answered, request.key];
      return;
    }
    this.again.push(request);
    this.failure = outcome;
    this.isRefused ||= outcome.kind === 'misconfigured';
  }
}

/** One name for what is delivered: the event's, or that of exactly these events together. */
function idOf(deliveries: readonly Delivery[]): string {
  const [first, second] = deliveries;
  if (first !== undefined && second === undefined) return first.messageId;
  const hash = createHash('sha256');
  for (const { messageId } of deliveries) hash.update(JSON.stringify(messageId));
  return `batch-${hash.digest('hex')}`;
}

/** What a batch's answer says of each of its events; nothing where it says nothing. */
function ownOutcomes(
  batch: Batch,
  { status, answer = '' }: Outcome,
  parts: readonly OutgoingRequest[],
): readonly (Answered | undefined)[] {
  if (batch.outcomesOf === undefined || status === undefined) return [];
  return batch.outcomesOf({ status, body: answer }, parts).map((own): Answered | undefined => {
    if (own === undefined) return undefined;
    const { kind, reason } = own;
    const outcome: Outcome = kind === 'delivered' ? { kind, status } : { kind, reason, status, answer };
    return { outcome, isShared: false };
  });
}
