import { once } from 'node:events';
import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { openDatabase } from './database.ts';
import {
  administer,
  findPostgres,
  type PostgresPrograms,
  type PostgresServer,
  postgresUrl,
  startPostgres,
} from './postgres-server.fixture.ts';

/** How test files come by a PostgreSQL: a GET of `address` starts it, if nobody did, and answers with its directory. */
export type PostgresOffer = { readonly address: string } | { readonly missing: string };

/** A database that is as after its first migration. The others are copied from it, which is quicker than making tables. */
export const MIGRATED = 'migrated';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: PostgresOffer;
  }
}

/** Runs once before all test files. They share one PostgreSQL, which starts when the first of them asks for it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const found = findPostgres();
  if ('missing' in found) {
    project.provide('postgres', found);
    return async () => {};
  }
  let postgres: Promise<PostgresServer> | undefined;
  const offer = createServer((_, response) => {
    postgres ??= startWithTables(found);
    postgres.then(
      ({ directory }) => response.end(directory),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  offer.listen(0, '127.0.0.1');
  await once(offer, 'listening');
  const address = offer.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  project.provide('postgres', { address: `http://127.0.0.1:${port}` });
  return async () => {
    offer.close();
    await (await postgres)?.stop();
  };
}

async function startWithTables(found: PostgresPrograms): Promise<PostgresServer> {
  const server = await startPostgres(found);
  await administer(server.directory, `create database ${MIGRATED}`);
  const db = await openDatabase(postgresUrl(server.directory, MIGRATED), '', () => {});
  await db.destroy();
  return server;
}
