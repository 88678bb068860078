const LOG_NAME = /^(\d{16})\.log$/;
const DIGITS = 16;

/** A segment's file name carries the position of its first record. */
export function segmentName(base: number): string {
  return `${String(base).padStart(DIGITS, '0')}.log`;
}

/** The name of a segment's index. */
export function indexName(base: number): string {
  return `${String(base).padStart(DIGITS, '0')}.idx`;
}

/** The bases of the segments among a directory's files, in log order. Other files are none of our business. */
export function segmentBases(names: readonly string[]): number[] {
  const bases: number[] = [];
  for (const name of names) {
    const digits = LOG_NAME.exec(name)?.[1];
    if (digits !== undefined) bases.push(Number(digits));
  }
  return bases.sort((one, other) => one - other);
}
