import type { LimitAnswer } from '../platform/recent-uses.ts';
import { Refusal } from './refusal.ts';

/** A Refusal, with what is too much and when to try again, for what is beyond a limit. */
export function refuseBeyond(answer: LimitAnswer, tooMuch: string): void {
  if (!answer.ok)
    throw new Refusal('RATE_LIMITED', `${tooMuch} Try again in ${durationText(answer.retryAfterSeconds)}.`);
}

/** In hours where it is more than one, never too short. */
function durationText(seconds: number): string {
  if (seconds > 3_600) return `${Math.ceil(seconds / 3_600)} hours`;
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
