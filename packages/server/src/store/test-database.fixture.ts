import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import { processEnvironment } from '../platform/config.ts';
import { administer, postgresUrl } from './postgres-server.fixture.ts';
import { MIGRATED } from './postgres-setup.fixture.ts';

/** A database of the PostgreSQL that all test files share. */
export interface TestDatabase {
  readonly url: string;
  /** Deletes it, whoever is connected. */
  drop(): Promise<void>;
}

/** Where tests keep SQLite files: in memory where that is possible, for what they prove hangs on no disk. */
export const DIRECTORY_OF_STORES = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Whether every test keeps its control store in PostgreSQL, and not in SQLite: METAROUTER_TEST_DATABASE=postgresql. */
export const IS_ALL_ON_POSTGRES = isAllOnPostgres(processEnvironment().METAROUTER_TEST_DATABASE);

function isAllOnPostgres(wanted: string | undefined): boolean {
  // A slip of the pen must not look like a proof.
  if (wanted !== undefined && wanted !== 'sqlite' && wanted !== 'postgresql')
    throw new Error(`METAROUTER_TEST_DATABASE is '${wanted}', and neither sqlite nor postgresql`);
  return wanted === 'postgresql';
}

/** Makes one with the tables of this version and no rows. Who asks first waits until the server has started. */
export async function createDatabase(): Promise<TestDatabase> {
  const directory = await postgresDirectory();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(directory, `create database ${name} template ${MIGRATED}`);
  return {
    url: postgresUrl(directory, name),
    drop: () => administer(directory, `drop database ${name} with (force)`),
  };
}

const databases = new Map<string, Promise<TestDatabase>>();

/**
 * The database for the control store of a data directory, the same one each time: undefined for SQLite, unless all tests are
 * to use PostgreSQL. It is gone when all tests are.
 */
export async function databaseUrlFor(dataDirectory: string): Promise<string | undefined> {
  if (!IS_ALL_ON_POSTGRES) return undefined;
  const database = databases.get(dataDirectory) ?? createDatabase();
  databases.set(dataDirectory, database);
  return (await database).url;
}

async function postgresDirectory(): Promise<string> {
  const offer = inject('postgres');
  if ('missing' in offer) throw new Error(offer.missing);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(offer.address, resolve).on('error', reject);
  });
  const directory = await text(answer);
  if (answer.statusCode !== 200) throw new Error(directory);
  return directory;
}
