import { ANSWER_KEPT_BYTES } from '../../delivery/exchange.ts';
import type { Outcome } from '../../delivery/outcome.ts';
import type { Shipment } from '../../delivery/sender.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Delivery } from './delivery.ts';

/** What was sent and what was answered, as it happened. */
export interface RecentExchange {
  readonly messageIds: readonly string[];
  readonly method: string;
  readonly url: string;
  /** As it was sent; of a long one only a remark that it was not kept; empty for none. */
  readonly body: Uint8Array | string;
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
/** Longer bodies are not kept, in bytes or characters: most are much shorter, and a person reads no more. */
const BODY_KEPT_MAX = 16_384;
/** What the exchanges of all lanes together may take: enough for some hundred, and little beside the lanes' events. */
export const RECENT_BYTES_MAX = 8_388_608;
/** About what an exchange takes beside its URL, body and ids: the beginning of the answer, its places in lists. */
const EXCHANGE_BYTES = 2_048;
/** About what a message id takes beside its characters. */
const ID_BYTES = 32;

/** Room for one exchange of a lane, linked with those of all lanes in the order in which they were filled. */
interface Slot {
  /** Undefined while it is empty, and then it is linked with none. */
  exchange: RecentExchange | undefined;
  /** About how many bytes of memory the exchange takes. */
  weight: number;
  older: Slot | undefined;
  newer: Slot | undefined;
}

/** Bounds the memory for what all lanes remember: the oldest exchange, whichever lane's it is, makes room for a new one. */
export class RecentMemory {
  #oldest: Slot | undefined;
  #newest: Slot | undefined;
  #bytes = 0;

  /** About how much it takes now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Fills a slot, whatever was in it. */
  fill(slot: Slot, exchange: RecentExchange, weight: number): void {
    this.empty(slot);
    slot.exchange = exchange;
    slot.weight = weight;
    slot.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = slot;
    else this.#newest.newer = slot;
    this.#newest = slot;
    this.#bytes += weight;
    while (this.#bytes > RECENT_BYTES_MAX && this.#oldest !== undefined) this.empty(this.#oldest);
  }

  /** Forgets what is in a slot. */
  empty(slot: Slot): void {
    if (slot.exchange === undefined) return;
    if (slot.older === undefined) this.#oldest = slot.newer;
    else slot.older.newer = slot.newer;
    if (slot.newer === undefined) this.#newest = slot.older;
    else slot.newer.older = slot.older;
    slot.exchange = undefined;
    slot.older = undefined;
    slot.newer = undefined;
    this.#bytes -= slot.weight;
  }
}

/** A lane's last exchanges, so that a person sees what was really sent. The oldest make room for new ones. */
export class RecentExchanges {
  readonly #clock: Clock;
  readonly #size: number;
  readonly #memory: RecentMemory;
  readonly #slots: Slot[] = [];
  #next = 0;

  /** Keeps so many exchanges, as long as there is memory for them. */
  constructor(clock: Clock, size: number, memory: RecentMemory) {
    this.#clock = clock;
    this.#size = size;
    this.#memory = memory;
  }

  /** Notes a request that goes out now; the function that it returns notes the answer. */
  sent(
    deliveries: readonly Pick<Delivery, 'messageId'>[],
    { request, body }: Pick<Shipment, 'request' | 'body'>,
    attempt: number,
  ): (outcome: Outcome) => void {
    const startedAt = this.#clock.monotonic();
    const exchange: { -readonly [K in keyof RecentExchange]: RecentExchange[K] } = {
      messageIds: deliveries.slice(0, EVENTS_MAX).map(({ messageId }) => messageId),
      method: request.method,
      url: request.url,
      body: body.length > BODY_KEPT_MAX ? `too long to be kept: ${body.length}` : body,
      attempt,
      at: this.#clock.now(),
      tookMs: undefined,
      outcome: undefined,
    };
    this.#memory.fill(this.#slot(), exchange, weightOf(exchange));
    return (outcome) => {
      exchange.tookMs = this.#clock.monotonic() - startedAt;
      exchange.outcome = detached(outcome);
    };
  }

  /** Those of an event, oldest first. */
  of(messageId: string): readonly RecentExchange[] {
    const slots = [...this.#slots.slice(this.#next), ...this.#slots.slice(0, this.#next)];
    return slots
      .flatMap(({ exchange }) => exchange ?? [])
      .filter(({ messageIds }) => messageIds.includes(messageId));
  }

  /** Forgets all, for the lane is gone. */
  clear(): void {
    for (const slot of this.#slots) this.#memory.empty(slot);
  }

  /** The next slot, round and round. */
  #slot(): Slot {
    const place = this.#next;
    this.#next = (place + 1) % this.#size;
    const slot = this.#slots[place] ?? { exchange: undefined, weight: 0, older: undefined, newer: undefined };
    this.#slots[place] = slot;
    return slot;
  }
}

/** A short buffer lies in a larger one, which stays as long as it does; a character takes up to two bytes. */
function weightOf({ url, body, messageIds }: RecentExchange): number {
  let weight = EXCHANGE_BYTES + 2 * url.length;
  weight += typeof body === 'string' ? 2 * body.length : body.buffer.byteLength;
  for (const id of messageIds) weight += ID_BYTES + id.length;
  return weight;
}

/** A part of a longer text keeps all of that text in memory, so an answer that was cut is copied. */
function detached(outcome: Outcome): Outcome {
  const { answer } = outcome;
  if (answer === undefined || answer.length < ANSWER_KEPT_BYTES) return outcome;
  return { ...outcome, answer: Buffer.from(answer).toString() };
}
