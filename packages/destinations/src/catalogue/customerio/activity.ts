import { type Event, type JsonObject, parseIsoTime } from '@metarouter/events';
import { type OutgoingRequest, post, type Refusal, refuse } from '../../kit/request.ts';
import { ulidOf } from '../../kit/ulid.ts';
import { unixSeconds } from '../../kit/unix-seconds.ts';
import { utf8Beginning, utf8Length } from '../../kit/utf8.ts';
import type { Person } from './person.ts';

/** Both from https://customer.io/docs/invalid-api-requests/: beyond them an event is refused. */
export const NAME_BYTES_MAX = 100;
export const DATA_BYTES_MAX = 100_000;

/** What Customer.io calls an event. */
export interface Activity {
  readonly type: 'page' | 'screen' | 'event';
  readonly name: string;
  readonly data: JsonObject | undefined;
}

/**
 * Adds to what a person did: https://docs.customer.io/integrations/api/track/tag/track-events/track/. The `id` is the
 * same at every attempt, and Customer.io ignores an event whose id it has seen.
 */
export function activityRequest(
  { messageId, timestamp }: Event,
  person: Person,
  { type, name, data = {} }: Activity,
): OutgoingRequest | Refusal {
  const trimmed = name.trim();
  if (trimmed === '') return refuse('the name is blank');
  if (utf8Length(trimmed) > NAME_BYTES_MAX) return refuse(`the name is longer than ${NAME_BYTES_MAX} bytes`);
  if (utf8Length(JSON.stringify(data)) > DATA_BYTES_MAX)
    return refuse(`the properties are longer than ${DATA_BYTES_MAX} bytes`);
  const time = parseIsoTime(timestamp);
  const when = time === undefined ? {} : { id: ulidOf(messageId, time), timestamp: unixSeconds(timestamp) };
  return post(`${person.path}/events`, { type, name: trimmed, ...when, data });
}

/** A URL as the name of an event: without what makes each visit its own page, and cut where it is still too long. */
export function nameOfUrl(url: string): string {
  if (utf8Length(url) <= NAME_BYTES_MAX) return url;
  return utf8Beginning(url.replace(/[?#].*$/s, ''), NAME_BYTES_MAX);
}
