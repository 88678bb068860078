import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { countRows, makeOneOfEach } from './one-of-each.fixture.ts';
import { eachDatabase, OPERATOR, onPostgres } from './store.fixture.ts';
import { openStore } from './store.ts';

/** How many migrations there are: a new database has had each of them once. */
const MIGRATIONS = 3;

eachDatabase('the database', (open) => {
  test('is opened again as it was', async () => {
    const store = await open();
    await store.change(OPERATOR, async () => {});
    await store.close();
    const again = await open(store.options);
    expect(await again.version()).toBe(1);
    expect((await countRows(again.db)).get('metarouter_migrations')).toBe(MIGRATIONS);
  });

  test('of a newer version is refused as it is, and the message says what to do', async () => {
    const store = await open();
    await sql`insert into metarouter_migrations values ('0999-later', '2999-01-01T00:00:00.000Z')`.execute(
      store.db,
    );
    await sql`create table later (id integer)`.execute(store.db);
    const before = await countRows(store.db);
    await expect(openStore(store.options)).rejects.toThrow(
      /newer version.*0999-later.*Start that version again/,
    );
    expect(await countRows(store.db)).toEqual(before);
  });

  test('keeps any text as it is', async () => {
    const store = await open();
    const keep = (value: string) =>
      store.change(OPERATOR, async ({ db }) => {
        await db.deleteFrom('facts').where('name', '=', 'text').execute();
        await db.insertInto('facts').values({ name: 'text', value }).execute();
      });
    const kept = () =>
      store.db.selectFrom('facts').select(['name', 'value']).where('name', '=', 'text').executeTakeFirst();
    const odd = [
      '',
      "'; drop table facts; --",
      '😀 👩‍👩‍👧 e\u0301',
      '\u0001\u007f\u2028\uffff',
      '\\x00 ? $1 :a @b "',
    ];
    const large = JSON.stringify({ text: 'ü"\\'.repeat(262_144) });
    for (const value of [...odd, large]) {
      await keep(value);
      expect((await kept())?.value === value).toBe(true);
    }
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const value = text.replaceAll('\0', '');
        await keep(value);
        expect((await kept())?.value).toBe(value);
      }),
      { numRuns: 30 },
    );
  });

  test('refuses text with the character NUL, wherever it stands in a query, and says so', async () => {
    const store = await open();
    const queries = [
      store.db.selectFrom('facts').selectAll().where('name', '=', 'a\0b'),
      store.db.selectFrom('facts').selectAll().where('name', 'in', ['a', 'a\0b']),
      store.db.insertInto('facts').values({ name: 'a\0b', value: '' }),
      store.db.updateTable('facts').set({ value: 'a\0b' }).where('name', '=', 'none'),
    ];
    for (const query of queries) await expect(async () => query.execute()).rejects.toThrow('character NUL');
  });

  test('refuses what is not of the column’s type', async () => {
    const store = await open();
    await store.change(OPERATOR, ({ db }) => makeOneOfEach(db));
    const update = sql`update sources set enabled = 'yes'`.execute(store.db);
    await expect(update).rejects.toThrow(/INTEGER|bigint/);
  });

  test('sorts and compares text by its code points, whatever the server’s language', async () => {
    const store = await open();
    const names = ['b', 'B', 'a', 'é', 'e', 'Z', '😀', '\uffff', 'a-b', 'ab', '_'];
    await store.change(OPERATOR, async ({ db }) => {
      await db.deleteFrom('facts').execute();
      await db
        .insertInto('facts')
        .values(names.map((name) => ({ name, value: '' })))
        .execute();
    });
    const sorted = await store.db.selectFrom('facts').select('name').orderBy('name').execute();
    const byCodePoint = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(sorted.map(({ name }) => name)).toEqual(byCodePoint);
    const afterB = await store.db.selectFrom('facts').select('name').where('name', '>', 'b').execute();
    expect(afterB.map(({ name }) => name).toSorted()).toEqual(['e', 'é', '\uffff', '😀'].toSorted());
  });

  test('answers whole numbers as numbers: times, counts, and the largest that is exact', async () => {
    const store = await open();
    await store.change(OPERATOR, ({ db }) => makeOneOfEach(db));
    await store.db.updateTable('sources').set({ created_at: Number.MAX_SAFE_INTEGER }).execute();
    const row = await store.db
      .selectFrom('sources')
      .select(({ fn }) => ['created_at', fn.countAll().as('count')])
      .groupBy('created_at')
      .executeTakeFirst();
    expect(row).toEqual({ created_at: Number.MAX_SAFE_INTEGER, count: 1 });
    await store.db.updateTable('sources').set({ created_at: sql<number>`9007199254740993` }).execute();
    await expect(store.db.selectFrom('sources').select('created_at').execute()).rejects.toThrow();
  });
});

onPostgres('an empty database', (open) => {
  test('that several processes open at the same moment is made once', async () => {
    const { db, options } = await open();
    await sql`drop schema public cascade`.execute(db);
    await sql`create schema public`.execute(db);
    const stores = await Promise.all([open(options), open(options), open(options)]);
    const rows = await Promise.all(stores.map((store) => countRows(store.db)));
    expect(rows.map((counts) => counts.get('metarouter_migrations'))).toEqual([
      MIGRATIONS,
      MIGRATIONS,
      MIGRATIONS,
    ]);
    expect(rows.map((counts) => counts.get('facts'))).toEqual([2, 2, 2]);
  });
});
