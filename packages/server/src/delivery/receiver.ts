/** Where connections lead: one scheme, host and port. */
export interface Receiver {
  readonly isSecure: boolean;
  /** A name or an address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** The receiver of requests to this URL. Undefined unless it is http or https. */
export function receiverOf({ protocol, hostname, port }: URL): Receiver | undefined {
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  const isSecure = protocol === 'https:';
  const schemePort = isSecure ? 443 : 80;
  return { isSecure, host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? schemePort : Number(port) };
}
