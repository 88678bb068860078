import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, describe, inject, onTestFinished, TestRunner, test } from 'vitest';
import { processEnvironment } from '../platform/config.ts';
import { readSecretKey, type SecretKey } from '../platform/secret-key.ts';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { postgresUrl } from './postgres-server.fixture.ts';
import type { PostgresOffer } from './postgres-setup.fixture.ts';
import { type Actor, openStore, type Store, type StoreOptions } from './store.ts';

/** A store, and what it was opened with: another one can be opened on the same database with the same options. */
export interface TestStore extends Store {
  readonly options: StoreOptions;
}

/**
 * Opens a store: in a new database, or where the options say. When the test is finished, or all tests of the suite when it
 * was opened for all of them, it is closed, and a new database deleted.
 */
export type OpenTestStore = (options?: Partial<StoreOptions>) => Promise<TestStore>;

/** The one who makes changes through the workspace file. */
export const OPERATOR: Actor = { id: null, name: 'operator', address: '' };

/** A secret key: the same one for the same number. */
export function testSecretKey(number = 1): SecretKey {
  return readSecretKey(Buffer.alloc(32, number).toString('base64'), '');
}

/**
 * Runs the same tests on SQLite and on a real PostgreSQL. Where that cannot run they are skipped by name, loudly, on a
 * person's machine, and fail where `CI=true`: a proof must not vanish unseen.
 */
export function eachDatabase(title: string, suite: (open: OpenTestStore) => void): void {
  describe(`${title}, on SQLite`, () => suite(opener(async () => undefined)));
  onPostgres(title, suite);
}

/** The same for what only PostgreSQL can do. */
export function onPostgres(title: string, suite: (open: OpenTestStore) => void): void {
  const name = `${title}, on PostgreSQL`;
  const offer: PostgresOffer = inject('postgres');
  if ('address' in offer) {
    describe(name, () => suite(opener((finish) => createDatabase(offer.address, finish))));
  } else if (processEnvironment().CI === 'true') {
    test(name, () => {
      throw new Error(`${offer.missing}, and with CI=true this suite may not be skipped`);
    });
  } else {
    process.stderr.write(`\nSKIPPED: ${name}: ${offer.missing}\n`);
    test.skip(name, () => undefined);
  }
}

/** Has something done at the end of the test or of the suite: what was said last is done first. */
type Finish = (task: () => Promise<void> | void) => void;

function opener(newUrl: (finish: Finish) => Promise<string | undefined>): OpenTestStore {
  const endings: (() => Promise<void> | void)[] = [];
  afterAll(async () => {
    for (const task of endings.reverse()) await task();
  });
  return async (options = {}) => {
    const finish: Finish = (task) => {
      if (TestRunner.getCurrentTest() === undefined) endings.push(task);
      else onTestFinished(async () => task());
    };
    const dataDirectory = options.dataDirectory ?? newDirectory(finish);
    const whole = {
      databaseUrl: options.dataDirectory === undefined ? await newUrl(finish) : undefined,
      dataDirectory,
      clock: new VirtualClock(),
      secretKey: testSecretKey(),
      logger: { warn: () => {} },
      ...options,
    };
    const store = await openStore(whole);
    finish(() => store.close());
    return { ...store, options: whole };
  };
}

function newDirectory(finish: Finish): string {
  const directory = mkdtempSync(join(tmpdir(), 'metarouter-store-'));
  finish(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** A new, empty database of the PostgreSQL that all test files share; the first one to ask waits until it has started. */
async function createDatabase(address: string, finish: Finish): Promise<string> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(address, resolve).on('error', reject);
  });
  const directory = await text(answer);
  if (answer.statusCode !== 200) throw new Error(directory);
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(directory, `create database ${name}`);
  finish(() => administer(directory, `drop database ${name} with (force)`));
  return postgresUrl(directory, name);
}

async function administer(directory: string, statement: string): Promise<void> {
  const client = new pg.Client(postgresUrl(directory, 'postgres'));
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
