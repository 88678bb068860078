import type { TLSSocket } from 'node:tls';
import type { Receiver } from './receiver.ts';

/** All sessions together, in bytes: those of a thousand receivers, some 2 KB each. The one kept the longest goes first. */
export const SESSIONS_BYTES_MAX = 2 * 1_024 * 1_024;
/** A session holds what the receiver puts into it, its certificates among others. A larger one is not kept, in bytes. */
export const SESSION_BYTES_MAX = 16 * 1_024;

/** Remembers the last TLS session of each receiver: going on with it spares both ends most of the next handshake. */
export class TlsSessions {
  readonly #sessions = new Map<string, Buffer>();
  #bytes = 0;

  /** What to connect with. */
  of(receiver: Receiver): { readonly session?: Buffer } {
    const session = this.#sessions.get(keyOf(receiver));
    return session === undefined ? {} : { session };
  }

  /**
   * Remembers the sessions that are offered on this socket. Node tells of them when the certificate was found good, and
   * not before: who goes on with a session is not asked again for whom its certificate is.
   */
  keepThoseOf(socket: TLSSocket, receiver: Receiver): void {
    socket.on('session', (session) => this.#keep(keyOf(receiver), session));
  }

  #keep(key: string, session: Buffer): void {
    this.#forget(key);
    if (session.length > SESSION_BYTES_MAX) return;
    this.#sessions.set(key, session);
    this.#bytes += session.length;
    for (const oldest of this.#sessions.keys()) {
      if (this.#bytes <= SESSIONS_BYTES_MAX) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#sessions.get(key)?.length ?? 0;
    this.#sessions.delete(key);
  }
}

function keyOf({ host, port }: Receiver): string {
  return `${host} ${port}`;
}
