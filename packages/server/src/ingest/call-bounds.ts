import { type Call, type CallFault, DEPTH_MAX, KEYS_MAX } from '@metarouter/events';
import { type Problem, problem } from '../platform/problem.ts';

/** Why a call may not be taken in, whatever it says: too large, too deep, or with keys that are not allowed. */
export function outOfBounds({ start, end, fault }: Call, bytesMax: number): Problem | undefined {
  const size = end + 1 - start;
  if (size > bytesMax) {
    return problem('event_too_large', `the event has ${size} bytes: at most ${bytesMax} are taken`);
  }
  return fault === undefined ? undefined : problem('invalid_event', REMEDIES[fault]);
}

/** What to do about each fault. */
export const REMEDIES: Readonly<Record<CallFault, string>> = {
  too_deep: `nested deeper than ${DEPTH_MAX} levels: flatten it`,
  too_many_keys: `more than ${KEYS_MAX} keys: send fewer properties`,
  forbidden_key: 'the key __proto__ is not allowed: rename it',
};
