import { parseIsoTime } from '@metarouter/events';

/** A number beyond this counts milliseconds: as seconds it would lie in the year 5138. */
const SECONDS_MAX = 100_000_000_000;

/**
 * A time as whole seconds since 1970: from ISO 8601, or from a number of seconds or milliseconds. Undefined for what
 * is no time.
 */
export function unixSeconds(time: unknown): number | undefined {
  const number = typeof time === 'number' ? time : undefined;
  const ms =
    number !== undefined && Math.abs(number) <= SECONDS_MAX ? number * 1_000 : (number ?? parseIsoTime(time));
  return ms === undefined || !Number.isFinite(ms) ? undefined : Math.floor(ms / 1_000);
}
