import type { Refused } from './accept.ts';
import { METADATA_FIELDS, type MetadataReading } from './custom-event-metadata.ts';
import type { CustomEvent, TrackEvent } from './event.ts';
import { orderKeyOf } from './identifier.ts';
import { formatIsoTime, parseIsoTime } from './iso-time.ts';
import type { Moment } from './stamps.ts';

/** What is known about a custom event beside its body and metadata. */
export interface CustomCircumstances {
  /** The write key that its source was found by. */
  readonly writeKey: string;
  readonly received: Moment;
  /** Makes the eventID of an event that has none. */
  readonly newId: () => string;
  /** The address that the request came from. */
  readonly requestIp: string | undefined;
  /** Whether that address may stand for the user's: not when one of the sender's servers made the request. */
  readonly isUsersIp: boolean;
}

/** A custom event that is accepted. Its JSON is `opening`, the received body without its closing brace, and `ending`. */
export interface AcceptedCustom {
  readonly kind: 'accepted';
  readonly messageId: string;
  /** The userID, else the anonymousID, else the eventID; without control characters. */
  readonly orderKey: string;
  readonly opening: string;
  readonly ending: string;
  /** What the client is answered once the event is stored: JSON. */
  readonly answer: string;
}

/**
 * Decides on a custom event whose metadata was read from `body`. The received bytes are kept as they are, so that no
 * number loses digits in the log; the answer shows the body as JSON.parse reads it.
 */
export function acceptCustom(
  body: object,
  { given, others, rest, faults }: MetadataReading,
  { writeKey, received, newId, requestIp, isUsersIp }: CustomCircumstances,
): AcceptedCustom | Refused {
  const { eventID = newId(), eventName, timestamp = received.text, anonymousID, userID } = given;
  if (faults.length > 0 || eventName === undefined) return { kind: 'refused', faults };

  const known = { ...given, eventID, eventName, writeKey, timestamp };
  const metadata = {
    ...Object.fromEntries(METADATA_FIELDS.map((field) => [field, known[field]])),
    ...others,
  };
  const routed = JSON.stringify({ ...metadata, ip: given.ip ?? requestIp });
  const usersIp = given.ip ?? (isUsersIp ? requestIp : undefined);
  const frame = {
    type: 'custom',
    event: eventName,
    messageId: eventID,
    userId: userID,
    anonymousId: anonymousID,
    timestamp,
    originalTimestamp: given.timestamp,
    receivedAt: received.text,
    context: usersIp === undefined ? undefined : { ip: usersIp },
  } as const;
  const comma = Object.keys(body).length === 0 ? '' : ',';
  const shown = { ...metadata, timestamp: inWholeSeconds(timestamp, received) };
  return {
    kind: 'accepted',
    messageId: eventID,
    orderKey: orderKeyOf(userID ?? anonymousID ?? eventID),
    opening: `${JSON.stringify(frame).slice(0, -1)},"payload":`,
    ending: `${comma}"_metarouter":${routed},"_mrSchema":${routed}}}`,
    answer: JSON.stringify({ event: { _metarouter: shown, ...rest }, success: true }),
  };
}

/** The documented answer has times such as `2021-08-17T18:08:09Z`, whatever the client wrote. */
function inWholeSeconds(timestamp: string, received: Moment): string {
  return formatIsoTime(parseIsoTime(timestamp) ?? received.time).replace(/\.\d+/, '');
}

/** The track call that a custom event is for destinations that know only the six calls. */
export function asTrack({ payload, ...frame }: CustomEvent): TrackEvent {
  const { _metarouter, _mrSchema, ...properties } = payload;
  return { ...frame, type: 'track', properties };
}
