import type { TLSSocket } from 'node:tls';
import type { Receiver } from './receiver.ts';

/** Receivers whose session is remembered, some 2 KB each. The one that was opened the longest ago goes first. */
const SESSIONS_MAX = 1_000;

/** Remembers the last TLS session of each receiver: going on with it spares both ends most of the next handshake. */
export class TlsSessions {
  readonly #sessions = new Map<string, Buffer>();

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
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    if (this.#sessions.size <= SESSIONS_MAX) return;
    for (const oldest of this.#sessions.keys()) return void this.#sessions.delete(oldest);
  }
}

function keyOf({ host, port }: Receiver): string {
  return `${host} ${port}`;
}
