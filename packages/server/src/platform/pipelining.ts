import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * How many requests of one connection may wait behind the one that is being answered. Clients send the next request when
 * they have read the last answer; one that sends thousands and reads nothing would cost 10 KB for each.
 */
const WAITING_MAX = 32;

/** Closes connections on which too many requests wait. One for a server. */
export class Pipelining {
  readonly #waiting = new WeakMap<IncomingMessage['socket'], number>();

  /** Whether the request is one too many; its connection is closed then, and nobody may answer it. */
  isTooMuch({ socket }: IncomingMessage, response: ServerResponse): boolean {
    // Only a response that waits for its turn has no socket yet: for all others this is all that it costs.
    if (response.socket !== null) return false;
    if (socket.destroyed) return true;
    const waiting = (this.#waiting.get(socket) ?? 0) + 1;
    if (waiting > WAITING_MAX) {
      socket.destroy();
      return true;
    }
    this.#waiting.set(socket, waiting);
    response.once('close', () => this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1));
    return false;
  }
}
