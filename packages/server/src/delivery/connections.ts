import type { Clock } from '../platform/clock.ts';
import { asError, Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { Gate } from './gate.ts';
import type { GuardedConnector } from './guarded-connector.ts';
import type { Receiver } from './receiver.ts';

/** A connection that waits for an exchange, and until when on the clock that only grows. */
interface Idle {
  readonly connection: Connection;
  readonly until: number;
}

/** The connections of one channel to one receiver. */
export class Connections {
  readonly #clock: Clock;
  readonly #connector: GuardedConnector;
  readonly #receiver: Receiver;
  readonly #gate: Gate<Exchange>;
  /** The one that was used last is last, and is taken first, so that the others grow old and are closed. */
  #idle: Idle[] = [];
  #cancelSweep: (() => void) | undefined;

  /** At most so many connections. */
  constructor(clock: Clock, connector: GuardedConnector, receiver: Receiver, connectionsMax: number) {
    this.#clock = clock;
    this.#connector = connector;
    this.#receiver = receiver;
    this.#gate = new Gate(clock, connectionsMax, (exchange) => this.#begin(exchange));
  }

  /** Carries out the exchange as soon as there is a place for it. */
  carry(exchange: Exchange): void {
    this.#gate.enter(exchange);
  }

  /** Closes those that carry nothing. */
  close(): void {
    this.#cancelSweep?.();
    for (const { connection } of this.#idle.splice(0)) connection.close();
  }

  #begin(exchange: Exchange): void {
    const now = this.#clock.monotonic();
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (isUsable(idle, now)) return idle.connection.carry(exchange);
      idle.connection.close();
    }
    try {
      new Connection(this.#connector, this.#receiver, exchange, (connection) => this.#freed(connection));
    } catch (error) {
      // Nothing has been opened that could give the place back.
      exchange.failed(asError(error));
      this.#gate.leave();
    }
  }

  #freed(connection: Connection): void {
    const { keepMs } = connection;
    if (keepMs > 0) {
      this.#idle.push({ connection, until: this.#clock.monotonic() + keepMs });
      this.#sweepIn(keepMs);
    }
    this.#gate.leave();
  }

  #sweepIn(delayMs: number): void {
    this.#cancelSweep ??= this.#clock.after(delayMs, () => {
      this.#cancelSweep = undefined;
      this.#sweep();
    });
  }

  /** Closes those that have waited long enough, and comes again when the next one has. */
  #sweep(): void {
    const now = this.#clock.monotonic();
    const all = this.#idle;
    this.#idle = all.filter((idle) => isUsable(idle, now));
    for (const idle of all) if (!isUsable(idle, now)) idle.connection.close();
    const [oldest] = this.#idle;
    if (oldest !== undefined) this.#sweepIn(oldest.until - now);
  }
}

function isUsable({ connection, until }: Idle, now: number): boolean {
  return connection.keepMs > 0 && now < until;
}
