import type { Refusal } from '../log/event-log.ts';
import { type Problem, problem } from '../platform/problem.ts';

/** Why the log has none of a request's events: it refused them, or its disk failed. */
type Cause = Refusal | 'failed';

/** What to tell, and how long to wait, in seconds: SDKs stall or drop events when they are not told. */
const CAUSES: Readonly<Record<Cause, readonly [details: string, seconds: number]>> = {
  disk_full: ['the disk is full', 30],
  closing: ['the server is shutting down', 5],
  starting: ['the server is starting', 1],
  overloaded: ['too many events are waiting to be stored', 2],
  failed: ['the events could not be stored', 30],
};

/** Nothing was acknowledged, through no fault of the client: it must send all of it again. */
export function unavailable(cause: Cause): Problem {
  const [details, retryAfterSeconds] = CAUSES[cause];
  return { ...problem('unavailable', details), retryAfterSeconds };
}
