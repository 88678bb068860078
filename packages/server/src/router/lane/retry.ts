import type { Random } from '../../platform/clock.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** When attempts are due, counted from the first one; after the last of these, every four hours. */
const ATTEMPTS_AT_MS = [
  0,
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
];
const LATER_EVERY_MS = 4 * HOUR;

/** After this long an event is given up. */
export const RETRY_FOR_MS = 24 * HOUR;

/** Each wait is stretched or shortened by up to this part, so that many waits do not end together. */
const JITTER = 0.2;

/** What is known of a delivery that failed. Times in milliseconds. */
export interface Tries {
  /** Attempts made so far, at least 1. */
  readonly made: number;
  /** Since the first of them. */
  readonly elapsedMs: number;
  /** The pause that the receiver asked for. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * How long to wait before the next attempt, or undefined when it is time to give up. A receiver's own wish is
 * never undercut. The last attempt falls on the end of the retry time exactly.
 */
export function nextWaitMs({ made, elapsedMs, retryAfterMs }: Tries, random: Random): number | undefined {
  const left = RETRY_FOR_MS - elapsedMs;
  if (left <= 0) return undefined;
  const wait =
    retryAfterMs === undefined ? scheduledWaitMs(made, random) : retryAfterMs * (1 + JITTER * random());
  return Math.min(wait, left);
}

/** A paused destination is tried after this time at first, then after twice as long each time, up to the maximum. */
const PROBE_FIRST_MS = SECOND;
const PROBE_MAX_MS = MINUTE;

/** How long to wait before the next try of a paused destination, after so many that failed. Never over a minute. */
export function probeWaitMs(failed: number, random: Random): number {
  return Math.min(PROBE_FIRST_MS * 2 ** failed * stretch(random), PROBE_MAX_MS);
}

function scheduledWaitMs(made: number, random: Random): number {
  const due = ATTEMPTS_AT_MS[made];
  const last = ATTEMPTS_AT_MS[made - 1];
  const wait = due === undefined || last === undefined ? LATER_EVERY_MS : due - last;
  return wait * stretch(random);
}

function stretch(random: Random): number {
  return 1 - JITTER + 2 * JITTER * random();
}
