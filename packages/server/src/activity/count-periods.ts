import { formatIsoTime, parseIsoTime } from '@metarouter/events';
import type { HourCount } from './event-views.ts';
import { HOUR_MS } from './hours.ts';

const DAY_MS = 24 * HOUR_MS;
/** 1970 began on a Thursday: the Monday before it lies so many days back. */
const DAYS_SINCE_MONDAY = 3;

/** What counts are added up over: whole hours, and days, weeks from Monday, and months, of UTC. */
export type Period = 'hour' | 'day' | 'week' | 'month';

/** How many hours the counts have to be of that a period is added up from. */
export function stepOf(period: Period): number {
  return period === 'hour' ? 1 : 24;
}

/** When the period begins in which a time lies; both in milliseconds since 1970. */
export function beginningOf(period: Period, time: number): number {
  if (period === 'hour') return Math.floor(time / HOUR_MS) * HOUR_MS;
  const day = Math.floor(time / DAY_MS);
  if (period === 'day') return day * DAY_MS;
  if (period === 'week') return (day - ((day + DAYS_SINCE_MONDAY) % 7)) * DAY_MS;
  return parseIsoTime(`${formatIsoTime(time).slice(0, 7)}-01`) ?? time;
}

/** Adds counts of hours or days up to those of periods, in order of time. */
export function byPeriod(counts: readonly HourCount[], period: Period): readonly HourCount[] {
  const sums = new Map<string, HourCount>();
  for (const one of counts) {
    const at = beginningOf(period, one.at);
    const { pipeline, type, outcome, reason } = one;
    const key = JSON.stringify([at, pipeline, type, outcome, reason]);
    sums.set(key, { ...one, at, count: one.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()].sort((one, other) => one.at - other.at);
}
