import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { MIGRATIONS } from './migrations.ts';

/** It holds dead letters, and so what is known about people. SQLite gives the files beside it the same mode. */
const OWNER_ONLY = 0o600;

/** The value of `PRAGMA synchronous` that syncs at every commit. */
const SYNCHRONOUS_FULL = 2;

/**
 * Opens or creates the file of the delivery state, brought up to date. Throws when a newer version wrote it, and when
 * commits would not be durable.
 */
export function openDatabase(file: string): DatabaseSync {
  closeSync(openSync(file, 'a', OWNER_ONLY));
  const db = new DatabaseSync(file);
  try {
    migrate(db, file);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** Does all of the work or none of it, durably. */
export function transaction(db: DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function migrate(db: DatabaseSync, file: string): void {
  const version = numberOf(db, 'PRAGMA user_version');
  if (version > MIGRATIONS.length) {
    throw new Error(
      `${file} was written by a newer version (${version}); this one knows ${MIGRATIONS.length}`,
    );
  }
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  // Also when there is nothing to bring up to date, for what is read below: some builds of SQLite lower the
  // setting at the first transaction. It writes nothing then, so that a start succeeds on a full disk.
  transaction(db, () => {
    if (version === MIGRATIONS.length) return;
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
  if (numberOf(db, 'PRAGMA synchronous') !== SYNCHRONOUS_FULL)
    throw new Error(`${file}: commits would not be durable`);
}

function numberOf(db: DatabaseSync, pragma: string): number {
  return Number(Object.values(db.prepare(pragma).get() ?? {})[0]);
}

/** SQLite's code for a disk, or a file, that has no more room. */
const SQLITE_FULL = 13;

/** Whether a commit failed for want of room only: the same one succeeds once there is some. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL;
}
