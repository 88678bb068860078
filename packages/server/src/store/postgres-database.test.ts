import { inspect } from 'node:util';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { DatabaseUnavailable } from './database-unavailable.ts';
import { OPERATOR, onPostgres, type TestStore } from './store.fixture.ts';
import { openStore } from './store.ts';

const processId = async (db: TestStore['db']) => {
  const { rows } = await sql<{ id: number }>`select pg_backend_pid() as id`.execute(db);
  return rows[0]?.id;
};

/** Has the server end every other connection to the database. */
const endOthers = async ({ db }: TestStore) => {
  const { rows } = await sql<{ ended: boolean }>`select pg_terminate_backend(pid) as ended
    from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(db);
  expect(rows.map(({ ended }) => ended)).toContain(true);
};

onPostgres('a lost connection', (open) => {
  test('that nobody used is told of, and harms neither the next query nor the next change', async () => {
    const told: string[] = [];
    const store = await open({ logger: { warn: (message) => told.push(message) } });
    const other = await open(store.options);
    for (const version of [1, 2, 3]) {
      const before = await Promise.all(Array.from({ length: 20 }, () => processId(store.db)));
      await endOthers(other);
      expect(before).not.toContain(await processId(store.db));
      await endOthers(other);
      await store.change(OPERATOR, async () => {});
      expect(await store.version()).toBe(version);
    }
    expect(new Set(told)).toEqual(new Set(['A connection to the database was lost.']));
  });

  test('in the middle of a change undoes it whole; the next change is made', async () => {
    const store = await open();
    const other = await open(store.options);
    const change = store.change(OPERATOR, async ({ db, note }) => {
      await db.insertInto('facts').values({ name: 'x', value: '1' }).execute();
      note({ organization: null, action: 'x', target: 'x', targetName: 'x' });
      await endOthers(other);
    });
    await expect(change).rejects.toThrow();
    expect(await store.version()).toBe(0);
    await store.change(OPERATOR, async ({ db }) => {
      await db.insertInto('facts').values({ name: 'x', value: '2' }).execute();
    });
    expect(await store.version()).toBe(1);
    expect(await store.db.selectFrom('audit').selectAll().execute()).toEqual([]);
  });
});

onPostgres('the pool', (open) => {
  test('is bounded, and serves more readers than it has connections', async () => {
    const store = await open();
    const ids = await Promise.all(Array.from({ length: 50 }, () => processId(store.db)));
    expect(new Set(ids).size).toBeLessThanOrEqual(10);
  });

  test('leaves connections to readers while many changes wait for the one of another process', async () => {
    const store = await open();
    const other = await open(store.options);
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const long = other.change(OPERATOR, async () => {
      begun.resolve();
      await held.promise;
    });
    await begun.promise;
    const waiting = Array.from({ length: 20 }, () => store.change(OPERATOR, async () => {}));
    expect(await store.version()).toBe(0);
    held.resolve();
    await Promise.all([long, ...waiting]);
    expect(await store.version()).toBe(21);
  });
});

onPostgres('a database that can only be read, as after a failover', (open) => {
  /** For connections that begin from now on: those that are there stay as they are. */
  const setReadOnly = ({ db }: TestStore, isReadOnly: boolean) =>
    db
      .transaction()
      .setAccessMode('read write')
      .execute(async (transaction) => {
        const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(transaction);
        const setting = sql`set default_transaction_read_only = ${sql.lit(isReadOnly)}`;
        await sql`alter database ${sql.id(rows[0]?.name ?? '')} ${setting}`.execute(transaction);
      });

  test('answers who reads, tells who changes that it is away, and takes changes again after one more try when it can', async () => {
    const store = await open();
    const other = await open(store.options);
    await setReadOnly(other, true);
    await endOthers(other);
    for (let time = 0; time < 3; time += 1) {
      const change = store.change(OPERATOR, async () => {});
      await expect(change).rejects.toBeInstanceOf(DatabaseUnavailable);
      await expect(change).rejects.toThrow('read-only');
      expect(await store.version()).toBe(0);
    }
    // As many connections as there can be, through which nothing will be changed, whatever becomes of the database.
    await Promise.all(Array.from({ length: 20 }, () => store.version()));
    await setReadOnly(other, false);
    await expect(store.change(OPERATOR, async () => {})).rejects.toBeInstanceOf(DatabaseUnavailable);
    await store.change(OPERATOR, async () => {});
    expect(await store.version()).toBe(1);
  });
});

onPostgres('a database that cannot be reached', (open) => {
  test('stops the start; the message says where and why, and not with what password; waiting helps only the first', async () => {
    const { options } = await open();
    const nowhere = [
      ['postgres://ford:c4n4ry@localhost:1/houston', /localhost:1\/houston: .*ECONNREFUSED/, true],
      [
        options.databaseUrl?.replace(/test_\w+/, 'none').replace('@', ':c4n4ry@') ?? '',
        /none: .*does not exist/,
        false,
      ],
    ] as const;
    for (const [databaseUrl, message, isPassing] of nowhere) {
      const error: unknown = await openStore({ ...options, databaseUrl }).catch((reason) => reason);
      expect(error).toMatchObject({ message: expect.stringMatching(message) });
      expect(error instanceof DatabaseUnavailable).toBe(isPassing);
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain('c4n4ry');
    }
  });
});
