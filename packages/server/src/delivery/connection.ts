import type { Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import type { Exchange } from './exchange.ts';
import type { GuardedConnector, SocketUser } from './guarded-connector.ts';
import { NoAnswer } from './no-answer.ts';
import type { Receiver } from './receiver.ts';

/** One socket, which carries one exchange at a time. */
export class Connection implements SocketUser {
  readonly #socket: Socket;
  readonly #reader = new AnswerReader();
  readonly #onFree: (connection: Connection) => void;
  #exchange: Exchange | undefined;
  #isClosed = false;

  /** Connects for the sake of this exchange. `onFree` is called after each exchange that it carried. */
  constructor(
    connector: GuardedConnector,
    receiver: Receiver,
    exchange: Exchange,
    onFree: (connection: Connection) => void,
  ) {
    this.#onFree = onFree;
    this.#take(exchange);
    this.#socket = connector.connect(receiver, this);
  }

  /** Writes the request of an exchange. Not before the last one is over, and not after it was closed. */
  carry(exchange: Exchange): void {
    this.#take(exchange);
    this.#socket.write(exchange.request, 'latin1');
  }

  /** For how long it may be kept for another exchange, in milliseconds; 0 where it is closed. */
  get keepMs(): number {
    return this.#isClosed ? 0 : this.#reader.keepMs;
  }

  /** Closes it. The exchange that it carries, if any, has to be settled by whoever does this. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
    this.#free();
  }

  opened(): void {
    if (this.#exchange !== undefined) this.#socket.write(this.#exchange.request, 'latin1');
  }

  received(bytes: Buffer, length: number): void {
    // Nobody asked for it: whatever it is, it must not become the answer to the next request.
    if (this.#exchange === undefined) return this.close();
    try {
      if (this.#reader.read(bytes, length)) this.#finish(this.#exchange);
    } catch (error) {
      this.failed(asError(error));
    }
  }

  ended(): void {
    if (this.#exchange === undefined) return this.close();
    try {
      this.#reader.end();
      this.#finish(this.#exchange);
    } catch (error) {
      this.failed(asError(error));
    }
  }

  failed(error: Error): void {
    this.#exchange?.failed(error);
    this.close();
  }

  #take(exchange: Exchange): void {
    this.#exchange = exchange;
    exchange.carrier = this;
    this.#reader.begin(exchange.method, exchange.keptBytesMax, exchange.contentBytesMax);
  }

  #finish(exchange: Exchange): void {
    exchange.answered(this.#reader.answered());
    // Whoever answers before all of the request was read may read the rest of it as another request.
    if (this.#reader.keepMs === 0 || this.#socket.writableLength > 0) this.close();
    else this.#free();
  }

  #free(): void {
    if (this.#exchange === undefined) return;
    this.#exchange = undefined;
    this.#onFree(this);
  }
}

/** What was thrown, as an error. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new NoAnswer(`no answer (${String(error)})`);
}
