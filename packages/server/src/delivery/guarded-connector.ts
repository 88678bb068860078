import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import { type AddressGuard, RefusedAddress } from './address-guard.ts';
import type { Resolve } from './cached-lookup.ts';

/** Connecting takes at most this long: a receiver that is there answers a handshake far sooner. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Completes "not sent: …". */
const NOT_PUBLIC =
  'it leads to an address that is neither public nor opened with --allow-private, or to MetaRouter';

const PORT_OF: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * A connector that reaches only what the guard permits, in three layers: an address written as such is refused
 * before connecting, every address that a name resolves to is checked each time, and so is the socket that came of it.
 * The last one finds nothing unless one of the others is broken.
 */
export function guardedConnector(guard: AddressGuard, resolve: Resolve): buildConnector.connector {
  const connectors = new Map<number, buildConnector.connector>();
  // One for each port: a lookup is not told which port the address is for.
  const connectorTo = (port: number) => {
    const known = connectors.get(port);
    if (known !== undefined) return known;
    const permits = (address: string) => guard.permits(address, port);
    const connector = buildConnector({
      timeout: CONNECT_TIMEOUT_MS,
      allowH2: false,
      lookup: guardedLookup(permits, resolve),
    });
    connectors.set(port, connector);
    return connector;
  };
  return (options, callback) => {
    const port = options.port === '' ? PORT_OF[options.protocol] : Number(options.port);
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (port === undefined || !guard.permitsPort(port)) {
      return refuse(
        callback,
        `port ${options.port} is not for destinations; 80, 443 and those from 1024 on are`,
      );
    }
    if (isIP(host) !== 0 && !guard.permits(host, port)) return refuse(callback, NOT_PUBLIC);
    connectorTo(port)(options, (error, socket) => {
      if (error !== null) return callback(error, null);
      if (guard.permits(socket.remoteAddress ?? '', port)) return callback(null, socket);
      socket.destroy();
      callback(new RefusedAddress(NOT_PUBLIC), null);
    });
  };
}

/** Answers later, as a real connector does: undici does not expect a connector that fails before it returns. */
function refuse(callback: buildConnector.Callback, reason: string): void {
  queueMicrotask(() => callback(new RefusedAddress(reason), null));
}

/** A lookup that keeps silent about addresses that may not be reached, remembered ones included. */
function guardedLookup(permits: (address: string) => boolean, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    const answer = (found: readonly LookupAddress[]) => {
      const addresses = found.filter(({ address }) => permits(address));
      const [first] = addresses;
      if (first === undefined) return callback(new RefusedAddress(NOT_PUBLIC), []);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    };
    resolve(hostname).then(answer, (error: unknown) =>
      callback(error instanceof Error ? error : new Error(String(error)), []),
    );
  };
}
