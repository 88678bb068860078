import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteDialect } from './sqlite-database.ts';

interface Rows {
  rows: { id: number; value: string };
}

async function open() {
  const directory = mkdtempSync(join(tmpdir(), 'metarouter-sqlite-'));
  const db = new Kysely<Rows>({ dialect: sqliteDialect(directory) });
  onTestFinished(async () => {
    await db.destroy();
    rmSync(directory, { recursive: true });
  });
  await sql`create table rows (id integer primary key, value text)`.execute(db);
  return { db, directory };
}

const count = async (db: Kysely<Rows>) => (await db.selectFrom('rows').selectAll().execute()).length;

test('the file and those beside it are for their owner alone', async () => {
  const { directory } = await open();
  const modes = readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
  expect(Object.fromEntries(modes)).toEqual({
    'control.db': 0o600,
    'control.db-shm': 0o600,
    'control.db-wal': 0o600,
  });
});

test('a single write waits for the transaction that is under way, and a read does not', async () => {
  const { db } = await open();
  const order: string[] = [];
  let write: Promise<unknown> | undefined;
  await db.transaction().execute(async (transaction) => {
    await transaction.insertInto('rows').values({ id: 1, value: '' }).execute();
    write = db
      .insertInto('rows')
      .values({ id: 2, value: '' })
      .execute()
      .then(() => order.push('written'));
    expect(await count(db)).toBe(0);
    expect(await count(transaction)).toBe(1);
    order.push('transaction');
  });
  await write;
  expect(order).toEqual(['transaction', 'written']);
  expect(await count(db)).toBe(2);
});

test('a transaction that is rolled back, or fails when it is committed, lets the next one in', async () => {
  const { db } = await open();
  await sql`create table children (id integer references rows (id) deferrable initially deferred)`.execute(
    db,
  );
  const failures = [
    db.transaction().execute(async () => {
      throw new Error('rolled back');
    }),
    db.transaction().execute((transaction) => sql`insert into children values (7)`.execute(transaction)),
    db.transaction().execute((transaction) => sql`no sql`.execute(transaction)),
  ];
  await Promise.all(failures.map((failure) => expect(failure).rejects.toThrow()));
  await db
    .transaction()
    .execute((transaction) => transaction.insertInto('rows').values({ id: 1, value: '' }).execute());
  expect(await count(db)).toBe(1);
});

test('a statement answers with its rows, or with how many it changed', async () => {
  const { db } = await open();
  const inserted = await db
    .insertInto('rows')
    .values([
      { id: 1, value: 'a' },
      { id: 2, value: 'b' },
    ])
    .returning('id')
    .execute();
  expect(inserted.map(({ id }) => id)).toEqual([1, 2]);
  const updated = await db
    .updateTable('rows')
    .set({ value: 'c' })
    .where('value', '<', 'c')
    .executeTakeFirst();
  expect(updated.numUpdatedRows).toBe(2n);
  const streamed: string[] = [];
  for await (const { value } of db.selectFrom('rows').selectAll().stream()) streamed.push(value);
  expect(streamed).toEqual(['c', 'c']);
});
