import { expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { eachDatabase, OPERATOR, onPostgres, type TestStore, testSecretKey } from './store.fixture.ts';
import { type Actor, type AuditNote, openStore } from './store.ts';

const ADA: Actor = { id: 'u1', name: 'ada@example.com', address: '192.0.2.1' };
const RENAMED: AuditNote = {
  organization: 'o1',
  action: 'organization.renamed',
  target: 'o1',
  targetName: 'Acme',
  details: { name: ['Ajax', 'Acme'] },
};

const factNames = async (store: TestStore) => {
  const rows = await store.db.selectFrom('facts').select('name').orderBy('name').execute();
  return rows.map(({ name }) => name);
};
const auditActions = async (store: TestStore) => {
  const rows = await store.db.selectFrom('audit').select('action').orderBy('id').execute();
  return rows.map(({ action }) => action);
};

eachDatabase('a change', (open) => {
  test('is made as a whole: what it did, what the audit log says of it, and the version', async () => {
    const store = await open({ clock: new VirtualClock(1_000) });
    const answer = await store.change(ADA, async ({ db, note }) => {
      await db.insertInto('facts').values({ name: 'x', value: '1' }).execute();
      note(RENAMED);
      note({ organization: null, action: 'user.updated', target: 'u1', targetName: 'Ada' });
      return 'done';
    });
    expect(answer).toBe('done');
    expect(await store.version()).toBe(1);
    expect(await factNames(store)).toContain('x');
    expect(await store.db.selectFrom('audit').selectAll().orderBy('id').execute()).toEqual([
      {
        id: 1,
        organization_id: 'o1',
        at: 1_000,
        actor_id: 'u1',
        actor: 'ada@example.com',
        address: '192.0.2.1',
        action: 'organization.renamed',
        target: 'o1',
        target_name: 'Acme',
        details: '{"name":["Ajax","Acme"]}',
      },
      expect.objectContaining({ id: 2, organization_id: null, action: 'user.updated', details: '{}' }),
    ]);
  });

  test('may be as large as a big workspace file: everything that it notes is in the audit log, in its order', async () => {
    const store = await open();
    const targets = Array.from({ length: 4_321 }, (_, place) => `p${place}`);
    await store.change(OPERATOR, async ({ note }) => {
      for (const target of targets) note({ ...RENAMED, target });
    });
    const rows = await store.db.selectFrom('audit').select('target').orderBy('id').execute();
    expect(rows.map(({ target }) => target)).toEqual(targets);
  });

  test('whose work throws has not happened, and nobody hears of it', async () => {
    const store = await open();
    const before = await factNames(store);
    const heard: string[] = [];
    store.onChange(() => heard.push('change'));
    const change = store.change(ADA, async ({ db, note }) => {
      await db.insertInto('facts').values({ name: 'x', value: '1' }).execute();
      note(RENAMED);
      throw new Error('thought better of it');
    });
    await expect(change).rejects.toThrow('thought better of it');
    expect(await factNames(store)).toEqual(before);
    expect(await auditActions(store)).toEqual([]);
    expect(await store.version()).toBe(0);
    expect(heard).toEqual([]);
  });

  test('of which the database refuses a statement has not happened, even when the work goes on', async () => {
    const store = await open();
    const before = await factNames(store);
    const change = store.change(ADA, async ({ db }) => {
      await db.insertInto('facts').values({ name: 'x', value: '1' }).execute();
      await db.insertInto('facts').values({ name: 'x', value: '2' }).execute();
    });
    await expect(change).rejects.toThrow(/unique/i);
    expect(await factNames(store)).toEqual(before);
    await store.change(ADA, async () => {});
    expect(await store.version()).toBe(1);
  });

  test('sees what each of fifty concurrent ones before it has done, and readers see all of one or nothing', async () => {
    const store = await open();
    const countAudit = async (db: TestStore['db']) => {
      const { count } = await db
        .selectFrom('audit')
        .select((select) => select.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    };
    const seen: number[] = [];
    const read: number[] = [];
    await Promise.all(
      Array.from({ length: 50 }, () =>
        store.change(OPERATOR, async ({ db, note }) => {
          seen.push(await countAudit(db));
          note(RENAMED);
          note(RENAMED);
          read.push(await countAudit(store.db));
        }),
      ),
    );
    const evenNumbers = Array.from({ length: 50 }, (_, place) => 2 * place);
    expect(seen).toEqual(evenNumbers);
    expect(read).toEqual(evenNumbers);
    expect(await store.version()).toBe(50);
  });

  test('holds up nobody who reads', async () => {
    const store = await open();
    await store.change(OPERATOR, async ({ db }) => {
      await db.insertInto('facts').values({ name: 'x', value: '1' }).execute();
      expect(await factNames(store)).not.toContain('x');
      expect(await store.version()).toBe(0);
    });
    expect(await factNames(store)).toContain('x');
  });

  test('cannot be made in the middle of another, for which it would wait; afterwards it can', async () => {
    const store = await open();
    const later = Promise.withResolvers<void>();
    let after: Promise<void> | undefined;
    await store.change(OPERATOR, async () => {
      await expect(store.change(OPERATOR, async () => {})).rejects.toThrow('middle of another');
      after = later.promise.then(() => store.change(OPERATOR, async () => {}));
    });
    later.resolve();
    await after;
    expect(await store.version()).toBe(2);
  });

  test('is told to listeners after it was committed, until they stop listening', async () => {
    const store = await open();
    const heard: Promise<number>[] = [];
    const stop = store.onChange(() => heard.push(store.version()));
    for (const version of [1, 2]) {
      await store.change(OPERATOR, async () => {});
      expect(await heard.at(-1)).toBe(version);
    }
    stop();
    await store.change(OPERATOR, async () => {});
    expect(heard).toHaveLength(2);
  });

  test('that was begun is finished before the store closes; after that there are no more', async () => {
    const store = await open();
    const change = store.change(ADA, async ({ note }) => note(RENAMED));
    await store.close();
    await change;
    await expect(store.change(ADA, async () => {})).rejects.toThrow();
    expect(await auditActions(await open(store.options))).toEqual(['organization.renamed']);
  });
});

eachDatabase('a control store', (open) => {
  test('is opened with the secret key that it was made with and with no other, which the message tells apart', async () => {
    const { options } = await open();
    const other = testSecretKey(2);
    await expect(openStore({ ...options, secretKey: other })).rejects.toThrow(
      `fingerprint ${options.secretKey.fingerprint}, and this one has ${other.fingerprint}`,
    );
    await open(options);
  });

  test('seals so that another store on the same database can open it', async () => {
    const store = await open();
    const place = { organization: 'o1', connection: 'c1', field: 'apiKey' };
    const dataKey = store.sealer.newDataKey('o1');
    const sealed = store.sealer.seal(dataKey, place, 'swordfish');
    const again = await open(store.options);
    expect(again.sealer.open(dataKey, place, sealed)).toBe('swordfish');
  });
});

onPostgres('changes of two processes', (open) => {
  test('go one after the other, and each sees the version and the rows of the other', async () => {
    const one = await open();
    const other = await open(one.options);
    const seen: number[] = [];
    await Promise.all(
      Array.from({ length: 40 }, (_, place) =>
        [one, other][place % 2]?.change(OPERATOR, async ({ db, note }) => {
          const rows = await db.selectFrom('audit').select('id').execute();
          seen.push(rows.length);
          note(RENAMED);
        }),
      ),
    );
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, place) => place));
    expect(await one.version()).toBe(40);
    expect(await other.version()).toBe(40);
  });
});
