import type { IncomingMessage } from 'node:http';
import { queryOf } from './query.ts';

/** A write key as it stands in a body: undefined unless it is a text that is not empty. */
export function writeKeyIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The write key around the body: the user name of Basic authorization, else `?writeKey=`, else `?appId=`. */
export function writeKeyAround(request: IncomingMessage): string | undefined {
  return basicUser(request.headers.authorization) ?? queryKey(request.url ?? '');
}

/**
 * The user name of Basic authorization, undefined without one. Segment's SDKs send `key:` with an empty password; the
 * documented example sends the key alone.
 */
export function basicUser(authorization: string | undefined): string | undefined {
  if (authorization === undefined || !/^basic /i.test(authorization)) return undefined;
  const credentials = Buffer.from(authorization.slice('basic '.length), 'base64').toString();
  const colon = credentials.indexOf(':');
  return writeKeyIn(colon < 0 ? credentials : credentials.slice(0, colon));
}

/** The write key in a target's query. */
export function queryKey(target: string): string | undefined {
  const query = queryOf(target);
  return writeKeyIn(query.get('writeKey')) ?? writeKeyIn(query.get('appId'));
}
