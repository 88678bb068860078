/** Rows in one statement: with a dozen columns far fewer values than SQLite (32,766) and PostgreSQL (65,535) take. */
const ROWS_MAX = 1_000;

/** The same rows, as many at a time as one statement takes. */
export function batchesOf<Row>(rows: readonly Row[]): readonly (readonly Row[])[] {
  const count = Math.ceil(rows.length / ROWS_MAX);
  return Array.from({ length: count }, (_, place) => rows.slice(place * ROWS_MAX, (place + 1) * ROWS_MAX));
}
