import type { IncomingMessage } from 'node:http';
import { PREFLIGHT_SECONDS } from '../platform/preflight.ts';

/** Header names and values in turn. */
export type HeaderList = readonly string[];

/** Nothing to add. */
export const NO_HEADERS: HeaderList = [];

/**
 * The headers that let a page of any origin read an answer. Write keys are public and no cookie is ever looked at, so
 * every origin is welcome. The origin is echoed because `sendBeacon` sends credentials, which `*` does not allow.
 */
export function corsHeaders(request: IncomingMessage): HeaderList {
  const { origin } = request.headers;
  if (origin === undefined) return NO_HEADERS;
  return [
    'Access-Control-Allow-Origin',
    origin,
    'Access-Control-Allow-Credentials',
    'true',
    // Browsers' SDKs read it from a refusal, which they may only do when it is exposed.
    'Access-Control-Expose-Headers',
    'Retry-After',
    'Vary',
    'Origin',
  ];
}

/** The headers that answer a preflight. Requested headers are echoed: SDKs add new ones, some only on a retry. */
export function preflightHeaders(request: IncomingMessage, methods: readonly string[]): HeaderList {
  const requested = request.headers['access-control-request-headers'];
  return [
    'Access-Control-Allow-Origin',
    request.headers.origin ?? '*',
    ...(request.headers.origin === undefined ? [] : ['Access-Control-Allow-Credentials', 'true']),
    'Access-Control-Allow-Methods',
    allowed(methods),
    ...(requested === undefined ? [] : ['Access-Control-Allow-Headers', requested]),
    'Access-Control-Max-Age',
    String(PREFLIGHT_SECONDS),
    'Vary',
    'Origin, Access-Control-Request-Headers',
  ];
}

/** The value of a header that lists the methods of a route. */
export function allowed(methods: readonly string[]): string {
  return [...methods, 'OPTIONS'].join(', ');
}
