const NANOSECONDS_PER_MS = 1e6;

/**
 * Milliseconds of the machine's monotonic clock, with fractions. All processes of the machine read the same one, so
 * that a moment in one may be taken from a moment in another. It only ever grows, and nobody sets it.
 */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / NANOSECONDS_PER_MS;
}
