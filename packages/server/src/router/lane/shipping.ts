import { createHash } from 'node:crypto';
import type { Batch, OutgoingRequest } from '@metarouter/destinations';
import { ANSWER_KEPT_BYTES } from '../../delivery/exchange.ts';
import type { Outcome } from '../../delivery/outcome.ts';
import type { Channel, Shipment } from '../../delivery/sender.ts';
import type { Mask } from '../mask.ts';
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
  /** Hides the pipeline's secrets in what answers say. */
  readonly mask: Mask;
  /** Told of an error of ours: without an end these deliveries would be under way for ever. */
  readonly onBug: (error: unknown) => void;
}

/** What one attempt came to for one delivery. */
export interface Attempted {
  readonly delivery: Delivery;
  /** What is to be sent again. */
  readonly again: readonly OutgoingRequest[];
  /** Why, as the last answer said. */
  readonly failure: Failed | undefined;
  /** Whether one of its requests was taken, whatever came of the others. */
  readonly hasTaken: boolean;
  /** Whether an answer was about the pipeline and not about the event. */
  readonly isRefused: boolean;
  /** Whether it was refused together with others, and nothing says which of them are at fault. */
  readonly isSplit: boolean;
}

/** What came of a request as a whole, and of each of its events as far as the answer says so. */
interface Meaning {
  readonly whole: Outcome;
  readonly own: readonly (Outcome | undefined)[];
}

const NONE: Meaning['own'] = [];

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
   * answered. Several go together only where the destination takes batches, and only with requests of the same keys. What
   * goes wrong on the way there, or is thrown by `onAttempted`, is a bug, and told.
   */
  ship(deliveries: readonly Delivery[], onAttempted: (attempted: readonly Attempted[]) => void): void {
    const attempts = deliveries.map((delivery) => new Attempt(delivery));
    const requests = this.requestsFor(deliveries);
    let unanswered = requests;
    const answered = () => {
      unanswered -= 1;
      if (unanswered === 0) onAttempted(attempts);
    };
    for (let place = 0; place < requests; place += 1)
      this.#send(deliveries, attempts, place).then(answered).catch(this.#options.onBug);
  }

  /** Sends the request that stands at this place in each delivery, and notes what the answer says of each. */
  async #send(deliveries: readonly Delivery[], attempts: readonly Attempt[], place: number): Promise<void> {
    const parts = attempts.map(({ needs }) => needs[place] ?? lacking());
    const { whole, own } = await this.#exchange(deliveries, parts);
    const isShared = attempts.length > 1;
    for (let at = 0; at < attempts.length; at += 1) {
      const outcome = own[at];
      attempts[at]?.answered(parts[at] ?? lacking(), outcome ?? whole, isShared && outcome === undefined);
    }
  }

  /** Makes one request of these parts. Never rejects. */
  #exchange(deliveries: readonly Delivery[], parts: readonly OutgoingRequest[]): Promise<Meaning> {
    const { channel, rate, recent } = this.#options;
    let shipment: Shipment;
    try {
      shipment = this.#shipmentOf(deliveries, parts);
    } catch (error) {
      // No later attempt does better. Of several, each is tried by itself.
      const whole: Outcome = { kind: 'rejected', reason: `it cannot be sent: ${messageOf(error)}` };
      return Promise.resolve({ whole, own: NONE });
    }
    const noted = recent.sent(deliveries, shipment, deliveries[0]?.attempts ?? 0);
    return channel.send(shipment).then((outcome) => {
      const whole = this.#shown(outcome);
      noted(whole);
      rate?.heed(outcome);
      return this.#meaningOf(outcome, whole, parts);
    });
  }

  #meaningOf(outcome: Outcome, whole: Outcome, parts: readonly OutgoingRequest[]): Meaning {
    const { batch } = this.#options;
    const { status, answer = '' } = outcome;
    if (batch?.outcomesOf === undefined || status === undefined) return { whole, own: NONE };
    try {
      const own = batch.outcomesOf({ status, body: answer }, parts).map((declared): Outcome | undefined => {
        if (declared === undefined) return undefined;
        const { kind, reason } = declared;
        return kind === 'delivered' ? { kind, status } : this.#shown({ kind, reason, status, answer });
      });
      return { whole, own };
    } catch (error) {
      // Which events were taken is unknown, so all are sent again: what fails for everybody opens the breaker.
      const reason = `the answer cannot be read: ${messageOf(error)}`;
      return { whole: { kind: 'retry', reason, status }, own: NONE };
    }
  }

  #shipmentOf(deliveries: readonly Delivery[], parts: readonly OutgoingRequest[]): Shipment {
    const { pipeline, isReplay, batch } = this.#options;
    const [first] = deliveries;
    if (first?.parcel === undefined) throw new Error('its content was not read');
    const request = batch === undefined ? (parts[0] ?? lacking()) : batch.join(parts);
    return {
      request,
      body: bodyOf(request, first.parcel),
      idempotencyKey: idempotencyKey(pipeline, idOf(deliveries)),
      replay: isReplay || first.letter !== undefined,
      wholeAnswer: batch?.outcomesOf !== undefined,
    };
  }

  /** As it may be kept and shown: without secrets, and of the answer no more than the beginning. */
  #shown(outcome: Outcome): Outcome {
    const { mask } = this.#options;
    const { answer } = outcome;
    const brief = answer === undefined ? {} : { answer: mask(answer).slice(0, ANSWER_KEPT_BYTES) };
    if (outcome.kind === 'delivered') return answer === undefined ? outcome : { ...outcome, ...brief };
    return { ...outcome, reason: mask(outcome.reason), ...brief };
  }
}

/** What one attempt has come to so far. */
class Attempt implements Attempted {
  readonly delivery: Delivery;
  readonly needs: readonly OutgoingRequest[];
  readonly again: OutgoingRequest[] = [];
  failure: Failed | undefined;
  hasTaken = false;
  isRefused = false;
  isSplit = false;

  constructor(delivery: Delivery) {
    this.delivery = delivery;
    this.needs = delivery.requests ?? [];
  }

  /** One of its requests was answered: by itself, or together with those of others. */
  answered(request: OutgoingRequest, outcome: Outcome, isShared: boolean): void {
    const { delivery } = this;
    if (outcome.kind === 'delivered') {
      this.hasTaken = true;
      delivery.answered = [...delivery.answered, request.key];
    } else if (outcome.kind === 'rejected' && !isShared) {
      delivery.refused = [...delivery.refused, request.key];
      delivery.refusal = outcome;
    } else {
      this.again.push(request);
      if (outcome.kind === 'rejected') this.isSplit = true;
      else this.failure = longer(this.failure, outcome);
      this.isRefused ||= outcome.kind === 'misconfigured';
    }
  }
}

/** Of two failures the one whose receiver wants to be left alone for longer; else the later one. */
function longer(one: Failed | undefined, other: Failed): Failed {
  return pauseOf(one) > pauseOf(other) && one !== undefined ? one : other;
}

function pauseOf(failure: Failed | undefined): number {
  return failure?.kind === 'retry' ? (failure.retryAfterMs ?? 0) : 0;
}

/** For what cannot be: deliveries that go together have as many requests each. */
function lacking(): never {
  throw new Error('a delivery has nothing to send');
}

/** One name for what is delivered: the event's, or that of exactly these events together. */
function idOf(deliveries: readonly Delivery[]): string {
  const [first, second] = deliveries;
  if (first !== undefined && second === undefined) return first.messageId;
  const hash = createHash('sha256');
  for (const { messageId } of deliveries) hash.update(JSON.stringify(messageId));
  return `batch-${hash.digest('hex')}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
