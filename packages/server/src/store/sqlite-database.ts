import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Dialect } from 'kysely';
import { nodeSqliteDialect } from './node-sqlite-dialect.ts';

/** In the data directory. */
const FILE_NAME = 'control.db';

/** It holds addresses, password hashes and sealed secrets. SQLite gives the files beside it the same mode. */
const OWNER_ONLY = 0o600;

/** How long to wait for another program that has the file locked, such as a backup: everything else waits meanwhile. */
const BUSY_TIMEOUT_MS = 250;

/** The values of the pragmas that make commits durable and hold the references between tables. */
const REQUIRED = { journal_mode: 'wal', synchronous: 2, foreign_keys: 1 } as const;

/** Opens or creates the control store's file. Throws when commits would not be durable. */
export function sqliteDialect(dataDirectory: string): Dialect {
  mkdirSync(dataDirectory, { recursive: true });
  const file = join(dataDirectory, FILE_NAME);
  closeSync(openSync(file, 'a', OWNER_ONLY));
  const writer = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    writer.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    // Some builds of SQLite lower `synchronous` at the first transaction. This one writes nothing.
    writer.exec('BEGIN IMMEDIATE; COMMIT');
    verify(writer, file);
    return nodeSqliteDialect(writer, new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS }));
  } catch (error) {
    writer.close();
    throw error;
  }
}

function verify(database: DatabaseSync, file: string): void {
  for (const [pragma, required] of Object.entries(REQUIRED)) {
    const found = database.prepare(`PRAGMA ${pragma}`).get()?.[pragma];
    if (found !== required)
      throw new Error(
        `${file}: SQLite keeps ${pragma} at ${found} instead of ${required}, which would not be safe`,
      );
  }
}
