import type { IncomingMessage } from 'node:http';
import { authenticate, organizationHeader } from './authenticate.ts';
import type { Context } from './context.ts';
import { Grant } from './grant.ts';
import type { Services } from './services.ts';

/** Tells the client's address of a request, with regard to proxies. */
export type AddressOf = (request: IncomingMessage) => string;

/** What the resolvers of a request are handed. */
export async function requestContext(
  request: IncomingMessage,
  services: Services,
  addressOf: AddressOf,
): Promise<Context> {
  const caller = await authenticate(request.rawHeaders, services);
  return {
    caller,
    address: addressOf(request),
    organizationHeader: organizationHeader(request.rawHeaders),
    services,
    grant: new Grant(caller),
  };
}
