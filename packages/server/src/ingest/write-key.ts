import type { IncomingMessage } from 'node:http';

/** A write key as it stands in a body: undefined unless it is a text that is not empty. */
export function writeKeyIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The write key around the body: the user name of Basic authorization, else `?writeKey=`, else `?appId=`. */
export function writeKeyAround(request: IncomingMessage): string | undefined {
  return basicUser(request.headers.authorization) ?? queryKey(request.url ?? '');
}

/** Segment's SDKs send `key:` with an empty password; the documented example sends the key alone. */
function basicUser(authorization: string | undefined): string | undefined {
  if (authorization === undefined || !/^basic /i.test(authorization)) return undefined;
  const credentials = Buffer.from(authorization.slice('basic '.length), 'base64').toString();
  const colon = credentials.indexOf(':');
  return writeKeyIn(colon < 0 ? credentials : credentials.slice(0, colon));
}

function queryKey(target: string): string | undefined {
  const start = target.indexOf('?');
  if (start < 0) return undefined;
  const query = new URLSearchParams(target.slice(start + 1));
  return writeKeyIn(query.get('writeKey')) ?? writeKeyIn(query.get('appId'));
}
