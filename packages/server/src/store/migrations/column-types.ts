/** What SQLite and PostgreSQL say for the same thing. */
export interface ColumnTypes {
  /** Compared and sorted by its code points. */
  readonly text: string;
  /** Whole numbers up to 2^53, such as times in milliseconds. */
  readonly integer: string;
  /** A primary key that the database counts up, and never gives out twice. */
  readonly counter: string;
  /** Stands behind each table. */
  readonly table: string;
}

export const SQLITE_TYPES: ColumnTypes = {
  text: 'text',
  integer: 'integer',
  counter: 'integer primary key autoincrement',
  // Refuses what is not of the column's type, as PostgreSQL does.
  table: 'strict',
};

export const POSTGRES_TYPES: ColumnTypes = {
  text: 'text collate "C"',
  integer: 'bigint',
  counter: 'bigint generated always as identity primary key',
  table: '',
};
