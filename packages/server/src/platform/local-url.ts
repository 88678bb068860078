/** Where a server is reached that listens on this host and port, without a slash at the end. */
export function localUrl(host: string, port: number): string {
  // IPv6 addresses stand in brackets in a URL.
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
