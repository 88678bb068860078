export const HOUR_MS = 3_600_000;

/** The hour since 1970, in UTC, in which a time lies that is given in milliseconds since 1970. */
export function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS);
}
