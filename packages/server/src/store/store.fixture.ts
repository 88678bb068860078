import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, inject, onTestFinished, TestRunner, test } from 'vitest';
import { processEnvironment } from '../platform/config.ts';
import { readSecretKey, type SecretKey } from '../platform/secret-key.ts';
import { VirtualClock } from '../platform/virtual-clock.ts';
import type { PostgresOffer } from './postgres-setup.fixture.ts';
import { type Actor, openStore, type Store, type StoreOptions } from './store.ts';
import { createDatabase, DIRECTORY_OF_STORES, IS_ALL_ON_POSTGRES } from './test-database.fixture.ts';

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
 * Runs the same tests on SQLite and on a real PostgreSQL, or on the latter alone when all tests are to use it. Where it
 * cannot run they are skipped by name, loudly, on a person's machine, and fail where `CI=true` or all are to use it: a proof
 * must not vanish unseen.
 */
export function eachDatabase(title: string, suite: (open: OpenTestStore) => void): void {
  if (!IS_ALL_ON_POSTGRES) describe(`${title}, on SQLite`, () => suite(opener(async () => undefined)));
  onPostgres(title, suite);
}

/** The same for what only PostgreSQL can do. */
export function onPostgres(title: string, suite: (open: OpenTestStore) => void): void {
  const name = `${title}, on PostgreSQL`;
  const offer: PostgresOffer = inject('postgres');
  if ('address' in offer) {
    describe(name, () => suite(opener(newDatabase)));
  } else if (IS_ALL_ON_POSTGRES || processEnvironment().CI === 'true') {
    test(name, () => {
      throw new Error(`${offer.missing}, and this suite may not be skipped here`);
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

async function newDatabase(finish: Finish): Promise<string> {
  const { url, drop } = await createDatabase();
  finish(drop);
  return url;
}

function newDirectory(finish: Finish): string {
  const directory = mkdtempSync(join(DIRECTORY_OF_STORES, 'metarouter-store-'));
  finish(() => rmSync(directory, { recursive: true }));
  return directory;
}
