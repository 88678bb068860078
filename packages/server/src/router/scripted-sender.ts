import type { Outcome } from '../delivery/outcome.ts';
import type { Channel, Sender, Shipment } from '../delivery/sender.ts';
import type { Clock } from '../platform/clock.ts';

/** One attempt that reached the receiver. */
export interface Arrival {
  readonly url: string;
  readonly user: string;
  /** Of the first event in it. */
  readonly messageId: string;
  readonly messageIds: readonly string[];
  readonly idempotencyKey: string;
  /** Whether the receiver is told that it is sent once more. */
  readonly replay: boolean;
  readonly outcome: Outcome['kind'];
  readonly at: number;
  readonly body: Uint8Array | string;
}

/** What is looked at of an event that arrives. */
interface Sent {
  readonly userId: string;
  readonly messageId: string;
}

/** Answers an attempt: what comes of it, and after how many milliseconds. */
export type Script = (attempt: {
  readonly url: string;
  readonly user: string;
  readonly messageId: string;
  readonly messageIds: readonly string[];
}) => {
  readonly outcome: Outcome;
  readonly afterMs: number;
};

/** A sender for tests that never leaves the process: a script answers, and every attempt is kept. */
export class ScriptedSender implements Sender {
  readonly arrivals: Arrival[] = [];
  readonly #clock: Clock;
  script: Script;

  constructor(clock: Clock, script: Script) {
    this.#clock = clock;
    this.script = script;
  }

  /** The ids of the events that a receiver answered with success, in that order. */
  delivered(): readonly string[] {
    const delivered = this.arrivals.filter(({ outcome }) => outcome === 'delivered');
    return delivered.flatMap(({ messageIds }) => messageIds);
  }

  open(): Channel {
    return { send: (shipment) => this.#send(shipment), close: () => Promise.resolve() };
  }

  #send({ request: { url }, body, idempotencyKey, replay }: Shipment): Promise<Outcome> {
    const sent: Sent | Sent[] = JSON.parse(Buffer.from(body).toString());
    const events = Array.isArray(sent) ? sent : [sent];
    const [{ userId: user, messageId } = { userId: '', messageId: '' }] = events;
    const about = { url, user, messageId, messageIds: events.map((event) => event.messageId) };
    const { outcome, afterMs } = this.script(about);
    this.arrivals.push({
      ...about,
      idempotencyKey,
      replay,
      outcome: outcome.kind,
      at: this.#clock.monotonic(),
      body,
    });
    return new Promise((resolve) => {
      this.#clock.after(afterMs, () => resolve(outcome));
    });
  }
}
