import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { makeTables } from './0001-make-tables.ts';
import { keepSignUpsWithLinks } from './0002-keep-sign-ups-with-links.ts';
import { tellKeysMakersAndUse } from './0003-tell-keys-makers-and-use.ts';
import { type ColumnTypes, POSTGRES_TYPES, SQLITE_TYPES } from './column-types.ts';

/** The statements of each migration, which brings the database on from the one before. Never edited, only added to. */
const MIGRATIONS: Readonly<Record<string, (types: ColumnTypes) => readonly string[]>> = {
  '0001-make-tables': makeTables,
  '0002-keep-sign-ups-with-links': keepSignUpsWithLinks,
  '0003-tell-keys-makers-and-use': tellKeysMakersAndUse,
};

/** Where the database keeps which migrations it has had: not under Kysely's own names, which others may use beside us. */
const MIGRATIONS_TABLE = 'metarouter_migrations';
const LOCK_TABLE = 'metarouter_migrations_lock';

/**
 * Brings a database up to date, whole or not at all. Of several processes that start at once, one does it and the others
 * wait.
 *
 * @throws when a newer version wrote the database, which is left as it is.
 */
export async function migrateToLatest<T>(db: Kysely<T>, kind: 'sqlite' | 'postgres'): Promise<void> {
  const types = kind === 'sqlite' ? SQLITE_TYPES : POSTGRES_TYPES;
  const migrations = Object.entries(MIGRATIONS).map(([name, statements]): [string, Migration] => {
    return [name, { up: (transaction) => executeAll(transaction, statements(types)) }];
  });
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => Object.fromEntries(migrations) },
    migrationTableName: MIGRATIONS_TABLE,
    migrationLockTableName: LOCK_TABLE,
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  // It reports those that it does not know before it does anything.
  const unknown = (await executedMigrations(db)).filter((name) => !Object.hasOwn(MIGRATIONS, name));
  throw unknown.length === 0 ? error : newerDatabase(unknown);
}

async function executeAll(db: Kysely<unknown>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

async function executedMigrations<T>(db: Kysely<T>): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(MIGRATIONS_TABLE)}`.execute(db);
  return rows.map(({ name }) => name);
}

function newerDatabase(unknown: readonly string[]): Error {
  return new Error(
    `The control store was written by a newer version of MetaRouter: it has had ${unknown.join(', ')}, which this version ` +
      'does not know. Nothing was changed. Start that version again, or restore a backup from before the update.',
  );
}
