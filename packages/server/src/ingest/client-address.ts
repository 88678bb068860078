import type { IncomingMessage } from 'node:http';

/** How an IPv4 address looks on a socket that listens for IPv6 too. */
const MAPPED_IPV4 = '::ffff:';

/**
 * The address that a request came from. Behind trusted proxies it is the last address in `X-Forwarded-For` that is
 * not itself a trusted proxy: anything before that may be the client's invention.
 */
export function clientAddress(
  request: IncomingMessage,
  isTrustedProxy: (address: string) => boolean,
): string | undefined {
  let address = plain(request.socket.remoteAddress);
  const forwarded = request.headers['x-forwarded-for'];
  if (typeof forwarded !== 'string') return address;
  const hops = forwarded.split(',');
  while (address !== undefined && isTrustedProxy(address)) {
    const hop = plain(hops.pop()?.trim());
    if (hop === undefined || hop === '') break;
    address = hop;
  }
  return address;
}

function plain(address: string | undefined): string | undefined {
  return address?.startsWith(MAPPED_IPV4) ? address.slice(MAPPED_IPV4.length) : address;
}
