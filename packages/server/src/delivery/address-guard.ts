import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';

/** Decides which machines may be reached. */
export interface AddressGuard {
  /** Whether this IP address may be connected to, and at this port if one is given. */
  permits(address: string, port?: number): boolean;
  /** Whether any machine may be connected to at this port. */
  permitsPort(port: number): boolean;
}

export interface AddressGuardOptions {
  /** Private ranges, such as `127.0.0.0/8`, that the operator opens. Nothing else that is not public is reachable. */
  readonly allowPrivate: readonly string[];
  /** The ports that this process itself listens on: it never sends to itself, opened range or not. */
  readonly ownPorts?: readonly number[];
  /** This machine's addresses. */
  readonly ownAddresses?: readonly string[];
}

/** Looks like any public address, but is the cloud platform's own door on Azure machines. */
const AZURE_PLATFORM = '168.63.129.16';

/** All that is public in IPv6 so far. Outside it lie old forms that hold an IPv4 address, such as `::127.0.0.1`. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

/** Below this port live the services of the system; of those only the web is reachable. */
const USER_PORT_MIN = 1_024;
const PORT_MAX = 65_535;

/** Thrown where a destination leads somewhere that events must not go. Its message completes "not sent: …". */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress';
}

/** The machine's own addresses, as the system lists them. */
function machineAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((infos) => (infos ?? []).map(({ address }) => address));
}

/** A guard that lets through public unicast addresses and the given private ranges. Throws on a malformed range. */
export function createAddressGuard(options: AddressGuardOptions): AddressGuard {
  const ranges = options.allowPrivate.map((range) => ipaddr.parseCIDR(range));
  const ownPorts = new Set(options.ownPorts ?? []);
  const own = new Set((options.ownAddresses ?? machineAddresses()).filter(ipaddr.isValid).map(normalized));
  return {
    permits(address, port) {
      if (!ipaddr.isValid(address)) return false;
      // `process` reads an IPv4 address out of its IPv6-mapped form, so that one rule holds for both.
      const parsed = ipaddr.process(address);
      const isOwn =
        own.has(parsed.toNormalizedString()) ||
        parsed.range() === 'loopback' ||
        parsed.range() === 'unspecified';
      if (isOwn && port !== undefined && ownPorts.has(port)) return false;
      // A range of the other family never matches, and asking would throw.
      if (ranges.some(([base, bits]) => base.kind() === parsed.kind() && parsed.match(base, bits)))
        return true;
      return isPublic(parsed) && !isOwn;
    },
    permitsPort: (port) => port === 80 || port === 443 || (port >= USER_PORT_MIN && port <= PORT_MAX),
  };
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4'
    ? address.toNormalizedString() !== AZURE_PLATFORM
    : address.match(...GLOBAL_IPV6);
}

function normalized(address: string): string {
  return ipaddr.process(address).toNormalizedString();
}
