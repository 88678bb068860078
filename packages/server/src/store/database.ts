import { type Dialect, Kysely } from 'kysely';
import { migrateToLatest } from './migrations/migrate.ts';
import { sqliteDialect } from './sqlite-database.ts';
import { StorableText } from './storable-text.ts';
import type { Tables } from './tables.ts';

/**
 * Opens the control store's database, brought up to date: PostgreSQL at `url`, or without one the SQLite file of the data
 * directory. Queries behave the same on both: text is compared by its code points, whole numbers are numbers.
 *
 * @throws when it cannot be reached, when a newer version wrote it (it is left as it is), and when commits would not be
 * durable.
 */
export async function openDatabase(
  url: string | undefined,
  dataDirectory: string,
  onConnectionLost: (error: Error) => void,
): Promise<Kysely<Tables>> {
  const dialect = await dialectOf(url, dataDirectory, onConnectionLost);
  const db = new Kysely<Tables>({ dialect, plugins: [new StorableText()] });
  try {
    await migrateToLatest(db, url === undefined ? 'sqlite' : 'postgres');
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

async function dialectOf(
  url: string | undefined,
  dataDirectory: string,
  onConnectionLost: (error: Error) => void,
): Promise<Dialect> {
  if (url === undefined) return sqliteDialect(dataDirectory);
  // Only who uses PostgreSQL pays for loading its client.
  const { connectPostgres } = await import('./postgres-database.ts');
  return connectPostgres(url, onConnectionLost);
}
