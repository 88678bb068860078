import ipaddr from 'ipaddr.js';
import { listOf } from './quantity.ts';

/** A comma list of networks, each as `address/bits` or a single address; undefined when one is bad. */
export function readCidrs(text: string): readonly string[] | undefined {
  const networks = listOf(text).map(readCidr);
  return networks.every((network) => network !== undefined) ? networks : undefined;
}

function readCidr(text: string): string | undefined {
  const [address = '', bits] = text.split('/');
  // IPv4's short forms are refused: in a list of networks, 127.1 standing for 127.0.0.1 is a trap.
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return undefined;
  const network = bits === undefined ? `${address}/${address.includes(':') ? 128 : 32}` : text;
  return ipaddr.isValidCIDR(network) ? ipaddr.parseCIDR(network).join('/') : undefined;
}

/** Tells whether an address is in one of the networks that `readCidrs` gave. What is no address is not. */
export function isInNetworks(networks: readonly string[]): (address: string) => boolean {
  const ranges = networks.map((network) => ipaddr.parseCIDR(network));
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    // Reads an IPv4 address out of its IPv6-mapped form, so that one entry of the list holds for both.
    const parsed = ipaddr.process(address);
    // A range of the other family never matches, and asking would throw.
    return ranges.some(([base, bits]) => base.kind() === parsed.kind() && parsed.match(base, bits));
  };
}
