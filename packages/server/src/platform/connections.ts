import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from './clock.ts';
import { bareAnswer, type ProtocolError, problemOf } from './protocol-errors.ts';

/**
 * How many requests of one connection may wait behind the one that is being answered. Clients send the next request when
 * they have read the last answer; one that sends thousands and reads nothing would cost 10 KB for each.
 */
const WAITING_MAX = 32;

/** How long a connection is still read from after its last answer, so that its client comes to read that, in milliseconds. */
const LINGER_MS = 1_000;

/** So long after it was opened a connection may have brought a request that is not read yet, in milliseconds. */
const UNREAD_MS = 100;

type Socket = IncomingMessage['socket'];

/** A request on its connection. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The one before it, while that is not answered. */
  before: Exchange | undefined;
}

/** What a server knows of its connections: it ends those whose clients break the protocol, and harms no good request. */
export class Connections {
  readonly #clock: Clock;
  /** When each was opened, by the monotonic clock. */
  readonly #open = new Map<Socket, number>();
  readonly #latest = new WeakMap<Duplex, Exchange>();
  readonly #condemned = new WeakSet<Duplex>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes a connection, for as long as it is open. */
  opened(socket: Socket): void {
    this.#open.set(socket, this.#clock.monotonic());
    socket.once('close', () => this.#open.delete(socket));
  }

  /**
   * Closes the connections on which nothing has ever come. Browsers open one to spare, and clients one in the place of one
   * that broke off; Node takes them for busy with their first request. To be called again: those just opened stay.
   */
  closeUnused(): void {
    const now = this.#clock.monotonic();
    for (const [socket, openedAt] of this.#open)
      if (socket.bytesRead === 0 && now - openedAt >= UNREAD_MS) socket.destroy();
  }

  /** Notes a request. False when too many wait on its connection, which is closed then: nobody may answer it. */
  admits(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    if (socket.destroyed) return false;
    const before = unanswered(this.#latest.get(socket));
    if (waitingSince(before) > WAITING_MAX) {
      socket.destroy();
      return false;
    }
    this.#latest.set(socket, { request, response, before });
    return true;
  }

  /**
   * Answers a connection whose bytes are no HTTP request, or not in time, and closes it: what follows on it cannot be
   * trusted. Good requests before it get their own answers first. Node tells of it with the event `clientError`.
   */
  condemn(error: ProtocolError, socket: Duplex): void {
    // Node tells again of the bytes that follow; they are thrown away.
    if (this.#condemned.has(socket)) return;
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    this.#condemned.add(socket);
    const latest = unanswered(this.#latest.get(socket));
    const broken = latest?.request.complete === false ? latest : undefined;
    const lastGood = broken === undefined ? latest : unanswered(broken.before);
    // A request that was refused at its first bytes has its answer already.
    const answer = broken?.response.headersSent ? '' : bareAnswer(problemOf(error));
    const close = () => {
      // Ending, unlike destroying, sends what was written so far. Closing at once would reset the connection under a client
      // that is still sending, and it would never see why.
      if (!socket.writableEnded) socket.end(answer);
      this.#clock.after(LINGER_MS, () => socket.destroy());
    };
    if (lastGood === undefined) close();
    else lastGood.response.once('close', close);
  }
}

function unanswered(exchange: Exchange | undefined): Exchange | undefined {
  return exchange?.response.writableFinished === false ? exchange : undefined;
}

/** How many exchanges are unanswered; those which have been answered since are let go. */
function waitingSince(latest: Exchange | undefined): number {
  let count = 0;
  for (let exchange = latest; exchange !== undefined; exchange = exchange.before) {
    exchange.before = unanswered(exchange.before);
    count += 1;
  }
  return count;
}
