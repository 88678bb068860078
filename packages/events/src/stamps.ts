import { formatIsoTime } from './iso-time.ts';

/** Beyond this, in milliseconds, the client's two times say more about its clock than about a delay: 30 days. */
export const SKEW_MAX = 30 * 86_400_000;

/**
 * An event's `timestamp` for what the client gave as its time. With both times readable it is
 * `receivedAt − (sentAt − given)`, so that a client's wrong clock does not matter; when they lie more than 30 days
 * apart, or `sentAt` is not readable, it is the time as given; when that is not a date in 1970–2100, `receivedAt`.
 * Never an invalid date. `happened` is `given` and `sent` is `sentAt`, both already read: the events of a batch share the
 * latter.
 */
export function correctTimestamp(
  given: unknown,
  happened: number | undefined,
  sent: number | undefined,
  received: Moment,
): string {
  if (happened === undefined || typeof given !== 'string') return received.text;
  if (sent === undefined) return given;
  const delay = sent - happened;
  if (Math.abs(delay) > SKEW_MAX) return given;
  return delay === 0 ? received.text : formatIsoTime(received.time - delay);
}

/** A point in time, with its text made once. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The same as ISO 8601 in UTC. */
  readonly text: string;
  /** The same as a member of every event that was received then, with a comma before it. */
  readonly receivedAt: string;
}

/** The moment of a time in 1970–2100, given in milliseconds since 1970. */
export function momentOf(time: number): Moment {
  const text = formatIsoTime(time);
  return { time, text, receivedAt: `,"receivedAt":"${text}"` };
}
