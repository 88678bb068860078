import type { Outage } from '../../activity/delivery-views.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A destination of which every attempt has failed for so long is given up: somebody has to look at it. */
const SWITCHED_OFF_AFTER_MS = 5 * DAY_MS;
/** A destination that comes and goes fills nobody's mailbox: the same notice goes out at most once in this time. */
const AGAIN_AFTER_MS = HOUR_MS;

/** What the Owners are told of an outage, once each. With the last one the pipeline is switched off. */
export type NoticeKind = 'paused' | 'failing for an hour' | 'failing for a day' | 'switched off';

/**
 * What the Owners are to be told next of an outage, of which they were told some kinds of notices already. The time is
 * that between the first failure and the last one: where nothing was attempted, nothing is said to have failed.
 */
export function dueNotice(outage: Outage, told: ReadonlySet<string>): NoticeKind | undefined {
  const isPaused = outage.refusedSince !== undefined;
  const lastedMs = outage.lastAt - outage.since;
  if (lastedMs >= SWITCHED_OFF_AFTER_MS) return 'switched off';
  if (isPaused && !told.has('paused')) return 'paused';
  if (lastedMs >= DAY_MS) return told.has('failing for a day') ? undefined : 'failing for a day';
  // Who knows of a pause knows by it that nothing arrives.
  const isOverdue = lastedMs >= HOUR_MS && !isPaused && !told.has('failing for an hour');
  return isOverdue ? 'failing for an hour' : undefined;
}

/**
 * Which notices say something of an outage: those that were sent from this time on, in milliseconds since 1970. What was
 * sent before is about an earlier outage; but that holds back another one of its kind for an hour.
 */
export function toldFrom({ since }: Outage, now: number): number {
  return Math.min(since, now - AGAIN_AFTER_MS);
}
