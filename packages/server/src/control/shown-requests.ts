import { type Membership, may } from './roles.ts';

/** A request as somebody is shown it: with or without the address. */
export type ShownRequest<R> = Omit<R, 'url'> & { readonly url: string | undefined };

/**
 * Shows requests to a member. Where they go is part of what is in a connection, and the address of a webhook often holds a
 * secret: so it is for those who may read connections.
 */
export function requestsFor(membership: Membership) {
  const seesAddress = may(membership, 'connection.read');
  return <R extends { readonly url: string }>({ url, ...request }: R): ShownRequest<R> => ({
    ...request,
    url: seesAddress ? url : undefined,
  });
}
