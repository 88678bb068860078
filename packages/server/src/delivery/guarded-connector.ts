import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction, connect as openPlain, type Socket } from 'node:net';
import { connect as openSecure, type TLSSocket } from 'node:tls';
import type { Clock } from '../platform/clock.ts';
import { type AddressGuard, RefusedAddress } from './address-guard.ts';
import type { Resolve } from './cached-lookup.ts';
import { NoAnswer } from './no-answer.ts';
import type { Receiver } from './receiver.ts';
import { TlsSessions } from './tls-sessions.ts';

/** Connecting takes at most this long: a receiver that is there answers a handshake far sooner. */
const CONNECT_TIMEOUT_MS = 10_000;
/** What one read takes at most: as much as Node itself reads at a time. */
const READ_BYTES = 64 * 1_024;

/**
 * What plain connections read into, all of them: what has been read is handed over before anything else is. Windows
 * would read into it for several connections at once.
 */
const SHARED = Buffer.allocUnsafeSlow(READ_BYTES);
const readBuffer = () => (process.platform === 'win32' ? Buffer.allocUnsafeSlow(READ_BYTES) : SHARED);

/** What is told of a socket that closed without a word. */
const CLOSED = new NoAnswer('no answer (the connection was closed)');

/** Completes "not sent: …". */
const NOT_PUBLIC =
  'it leads to an address that is neither public nor opened with --allow-private, or to MetaRouter';

/** Who has a socket opened, and is told what becomes of it. */
export interface SocketUser {
  /** It may be written to. */
  opened(): void;
  /** The first `length` of these bytes came. They are gone when this returns. Must not throw. */
  received(bytes: Buffer, length: number): void;
  /** No more bytes will come. */
  ended(): void;
  /** It is closed, or never opened. May be told again, and after `ended`. */
  failed(error: Error): void;
}

/**
 * Opens sockets to what the guard permits and nothing else, in three layers: an address written as such is refused
 * before connecting, every address that a name resolves to is checked each time, and so is the socket that came of it.
 * The last one finds nothing unless one of the others is broken.
 */
export class GuardedConnector {
  readonly #clock: Clock;
  readonly #guard: AddressGuard;
  readonly #resolve: Resolve;
  readonly #sessions = new TlsSessions();

  /** `resolve` finds the addresses of a name. */
  constructor(clock: Clock, guard: AddressGuard, resolve: Resolve) {
    this.#clock = clock;
    this.#guard = guard;
    this.#resolve = resolve;
  }

  /** Why there is no use in connecting to this receiver, if that can be said from how it is written. */
  refusal({ host, port }: Receiver): RefusedAddress | undefined {
    if (!this.#guard.permitsPort(port))
      return new RefusedAddress(`port ${port} is not for destinations; 80, 443 and those from 1024 on are`);
    return isIP(host) === 0 || this.#guard.permits(host, port) ? undefined : new RefusedAddress(NOT_PUBLIC);
  }

  /** Begins to connect to a receiver that is not refused. */
  connect(receiver: Receiver, user: SocketUser): Socket {
    const { isSecure, port } = receiver;
    const socket = isSecure ? this.#openSecure(receiver, user) : this.#openPlain(receiver, user);
    const late = new NoAnswer(`no answer (no connection within ${CONNECT_TIMEOUT_MS / 1_000} s)`);
    const cancelTimeout = this.#clock.after(CONNECT_TIMEOUT_MS, () => socket.destroy(late));
    socket.once('connect', () => {
      if (!this.#guard.permits(socket.remoteAddress ?? '', port))
        socket.destroy(new RefusedAddress(NOT_PUBLIC));
    });
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      cancelTimeout();
      if (!socket.destroyed) user.opened();
    });
    socket.on('end', () => user.ended());
    socket.on('error', (error: Error) => user.failed(error));
    socket.once('close', () => {
      cancelTimeout();
      user.failed(CLOSED);
    });
    return socket;
  }

  #openPlain({ host, port }: Receiver, user: SocketUser): Socket {
    const buffer = readBuffer();
    const callback = (length: number) => {
      user.received(buffer, length);
      return true;
    };
    return openPlain({ host, port, noDelay: true, lookup: this.#lookup(port), onread: { buffer, callback } });
  }

  /** Reads into buffers of its own: what is written elsewhere can make it read while others are being read. */
  #openSecure(receiver: Receiver, user: SocketUser): TLSSocket {
    const { host, port } = receiver;
    const socket = openSecure({
      host,
      port,
      lookup: this.#lookup(port),
      ALPNProtocols: ['http/1.1'],
      // Said, or NODE_TLS_REJECT_UNAUTHORIZED in the environment would decide it.
      rejectUnauthorized: true,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...this.#sessions.of(receiver),
    });
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => user.received(bytes, bytes.length));
    this.#sessions.keepThoseOf(socket, receiver);
    return socket;
  }

  /** A lookup that keeps silent about addresses that may not be reached, remembered ones included. */
  #lookup(port: number): LookupFunction {
    return (hostname, options, callback) => {
      const answer = (found: readonly LookupAddress[]) => {
        const addresses = found.filter(({ address }) => this.#guard.permits(address, port));
        const [first] = addresses;
        if (first === undefined) return callback(new RefusedAddress(NOT_PUBLIC), []);
        if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      };
      this.#resolve(hostname).then(answer, (error: unknown) =>
        callback(error instanceof Error ? error : new Error(String(error)), []),
      );
    };
  }
}
