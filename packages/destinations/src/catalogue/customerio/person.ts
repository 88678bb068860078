import type { Event } from '@metarouter/events';
import { pathSegment } from '../../kit/path-segment.ts';
import { type Refusal, refuse, type Skip, skip } from '../../kit/request.ts';
import { utf8Length } from '../../kit/utf8.ts';

/**
 * The longest id: https://docs.customer.io/journeys/objects-create says 150 characters, which are as many bytes in
 * ids that are plain ASCII.
 */
export const ID_BYTES_MAX = 150;

/** Somebody that Customer.io knows, or will know, by an id. */
export interface Person {
  readonly id: string;
  /** Where the person's part of the API begins. */
  readonly path: string;
}

/** Hands a handler the event's person, where there is one. */
export function forPerson<E extends Event, A>(
  handler: (event: E, person: Person) => A,
): (event: E) => A | Skip | Refusal {
  return (event) => {
    const { userId: id } = event;
    if (id === undefined || id === '')
      return skip(
        'no userId: Customer.io only knows people by their id, and an email does not stand in for it',
      );
    if (utf8Length(id) > ID_BYTES_MAX) return refuse(`the userId is longer than ${ID_BYTES_MAX} bytes`);
    const segment = pathSegment(id);
    if (segment === undefined) return refuse(`the userId "${id}" cannot be written into a URL`);
    return handler(event, { id, path: `/api/v1/customers/${segment}` });
  };
}

/**
 * An id in the body of a request, where its kind must be named. In a path Customer.io tells the kinds apart by their
 * shape (https://docs.customer.io/api/track/), so that the same is done here.
 */
export function identifierOf(id: string): Readonly<Record<string, string>> {
  if (/^cio_[a-z0-9]+$/i.test(id)) return { cio_id: id.slice('cio_'.length) };
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(id) ? { email: id } : { id };
}
