import type { Outcome } from '../delivery/outcome.ts';
import type { Channel, Sender, Shipment } from '../delivery/sender.ts';
import type { Clock } from '../platform/clock.ts';

/** One attempt that reached the receiver. */
export interface Arrival {
  readonly url: string;
  readonly user: string;
  readonly messageId: string;
  readonly idempotencyKey: string;
  readonly outcome: Outcome['kind'];
  readonly at: number;
  readonly body: Uint8Array | string;
}

/** Answers an attempt: what comes of it, and after how many milliseconds. */
export type Script = (attempt: {
  readonly url: string;
  readonly user: string;
  readonly messageId: string;
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
    return this.arrivals.filter(({ outcome }) => outcome === 'delivered').map(({ messageId }) => messageId);
  }

  open(): Channel {
    return { send: (shipment) => this.#send(shipment), close: () => Promise.resolve() };
  }

  #send({ request: { url }, body, idempotencyKey }: Shipment): Promise<Outcome> {
    const event: { userId: string; messageId: string } = JSON.parse(Buffer.from(body).toString());
    const about = { url, user: event.userId, messageId: event.messageId };
    const { outcome, afterMs } = this.script(about);
    this.arrivals.push({
      ...about,
      idempotencyKey,
      outcome: outcome.kind,
      at: this.#clock.monotonic(),
      body,
    });
    return new Promise((resolve) => {
      this.#clock.after(afterMs, () => resolve(outcome));
    });
  }
}
