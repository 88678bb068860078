import type { Fields, Values } from './field.ts';
import type { OutgoingRequest } from './request.ts';
import { optionalBaseUrl } from './text-field.ts';

/** A vendor's API: handlers give paths below its address. */
export interface Api<C extends Fields> {
  /** Its address, without a slash at the end. The connection's `endpoint`, which the kit adds, replaces it. */
  readonly url: (connection: Values<C>) => string;
  /** The value of the Authorization header that every request has. As secret as the credentials in it. */
  readonly authorization: (connection: Values<C>) => string;
}

/** The field that every connection to a vendor's API has beside its own. */
export const ENDPOINT = {
  endpoint: optionalBaseUrl({
    label: 'Endpoint',
    description: "Replaces the vendor's address: a proxy, another region, or a receiver for tests.",
  }),
} as const;

type Addressing = (requests: readonly OutgoingRequest[]) => readonly OutgoingRequest[];

/** For requests that are whole as the handler gives them. */
export const asGiven: Addressing = (requests) => requests;

/** Puts the API's address in front of paths, and its credentials beside the headers of the request. */
export function addressing<C extends Fields>(api: Api<C>, connection: Values<C>): Addressing {
  const replaced = 'endpoint' in connection ? connection.endpoint : undefined;
  const address = typeof replaced === 'string' ? replaced : api.url(connection);
  const authorization = api.authorization(connection);
  return (requests) =>
    requests.map((request) => {
      // Whoever reads the URL would take the steps, and reach something else than the handler named.
      if (STEPS.test(request.url)) throw new Error('a path has a segment that is a step between folders');
      return { ...request, url: address + request.url, headers: { ...request.headers, authorization } };
    });
}

/** A segment that is `.` or `..`, percent-encoded or not. */
const STEPS = /[/\\](\.|%2e){1,2}([/\\?#]|$)/i;

/** What must not be shown of an Authorization header: a receiver that repeats it may leave out the scheme. */
export function credentialsOf(authorization: string): string {
  return authorization.slice(authorization.indexOf(' ') + 1);
}
