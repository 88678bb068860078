import ipaddr from 'ipaddr.js';

/** The whole of an ordinary IPv6 connection: whoever has one address of it has all of them. */
const IPV6_NETWORK_BITS = 64;

/**
 * Who is behind a client's address: all addresses of one IPv6 network are one, and IPv4 addresses are also known by their
 * IPv6-mapped form. What is no address stays as it is.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv6'
    ? ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/${IPV6_NETWORK_BITS}`).toString()
    : parsed.toString();
}
