import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { DatabaseUnavailable } from './database-unavailable.ts';
import { fillOrganization, openElsewhere } from './filled-organization.fixture.ts';
import { loadWorkspace } from './load-workspace.ts';
import { updatePipeline } from './pipelines.ts';
import { SealedConfiguration } from './sealed-configuration.ts';
import { updateSource } from './sources.ts';
import { eachDatabase, OPERATOR, onPostgres, type TestStore } from './store.fixture.ts';
import type { Store } from './store.ts';
import { updateUser } from './users.ts';
import type { Workspace } from './workspace.ts';
import { type FeedOptions, WorkspaceFeed } from './workspace-feed.ts';

/** A feed from this store, with what it told the lanes and the log. */
async function startFeed(store: TestStore, more: Partial<FeedOptions> = {}) {
  const clock = new VirtualClock();
  const delivered: Workspace[] = [];
  const logged: string[] = [];
  const log = (message: string, fields: object = {}) =>
    void logged.push([message, ...Object.values(fields)].join(' '));
  const feed = new WorkspaceFeed({
    store,
    clock,
    logger: { info: log, warn: log, error: log },
    sealed: undefined,
    deliver: async (workspace) => void delivered.push(workspace),
    ...more,
  });
  onTestFinished(() => feed.stop());
  await feed.start();
  return { feed, clock, delivered, logged };
}

async function loaded(store: Store): Promise<Workspace> {
  const { sources, pipelines } = await loadWorkspace(store);
  return { sources, pipelines };
}

eachDatabase('the workspace feed', (open) => {
  test('begins with what is stored, and hands it to nobody', async () => {
    const store = await open();
    await fillOrganization(store);
    const { feed, delivered } = await startFeed(store);
    expect(feed.workspace.pipelines).toHaveLength(1);
    expect(feed.workspace).toEqual(await loaded(store));
    await feed.refresh();
    expect(delivered).toEqual([]);
  });

  test('after each change the door and the lanes have what is stored, however many there are', async () => {
    const store = await open();
    const { source, pipeline } = await fillOrganization(store);
    const { feed, delivered } = await startFeed(store);
    const changes = Array.from({ length: 20 }, (_, place) =>
      store.change(OPERATOR, async ({ db }) => {
        await updateSource(db, source.id, { name: `Website ${place}` });
        await updatePipeline(db, pipeline.id, { enabled: place % 2 === 0 });
      }),
    );
    await Promise.all(changes);
    expect(await feed.refresh()).toBe(true);
    expect(feed.workspace).toEqual(await loaded(store));
    expect(feed.workspace.sources.get(source.id)?.name).toBe('Website 19');
    expect(delivered.at(-1)).toEqual(feed.workspace);
    expect(delivered.length).toBeLessThanOrEqual(20);
  });

  test('what changes nothing about sources and pipelines does not trouble the lanes', async () => {
    const store = await open();
    const { owner } = await fillOrganization(store);
    const { feed, delivered } = await startFeed(store);
    await store.change(OPERATOR, ({ db }) => updateUser(db, owner.id, { profile: { firstName: 'Ford' } }));
    await feed.refresh();
    expect(delivered).toEqual([]);
  });

  test('the door does not wait for the lanes', async () => {
    const store = await open();
    const { source } = await fillOrganization(store);
    const lanes = Promise.withResolvers<void>();
    const { feed } = await startFeed(store, { deliver: () => lanes.promise });
    await store.change(OPERATOR, ({ db }) => updateSource(db, source.id, { enabled: false }));
    let isInForce = false;
    const refreshed = feed.refresh().then(() => {
      isInForce = true;
    });
    await expect.poll(() => feed.workspace.sources.get(source.id)?.enabled).toBe(false);
    await store.change(OPERATOR, ({ db }) => updateSource(db, source.id, { enabled: true }));
    await expect.poll(() => feed.workspace.sources.get(source.id)?.enabled).toBe(true);
    expect(isInForce).toBe(false);
    lanes.resolve();
    await refreshed;
  });

  test('what the lanes cannot use is told once, and the next change is handed over all the same', async () => {
    const store = await open();
    const { pipeline } = await fillOrganization(store);
    let refusals = 1;
    const deliver = async () => {
      refusals -= 1;
      if (refusals >= 0) throw new Error('no such destination');
    };
    const { feed, logged } = await startFeed(store, { deliver });
    const rename = (name: string) =>
      store.change(OPERATOR, ({ db }) => updatePipeline(db, pipeline.id, { name }));
    await rename('One');
    expect(await feed.refresh()).toBe(false);
    await rename('Two');
    expect(await feed.refresh()).toBe(true);
    expect(logged).toEqual([expect.stringContaining('All of it is in force but what the error names')]);
  });

  test('credentials that do not open are told by name, once until they are mended', async () => {
    const store = await open();
    const { organization, pipeline } = await fillOrganization(store);
    const { secrets } = await store.db.selectFrom('connections').select('secrets').executeTakeFirstOrThrow();
    const set = (secrets: string) =>
      store.change(OPERATOR, ({ db }) => db.updateTable('connections').set({ secrets }).execute());
    const { feed, logged } = await startFeed(store);
    for (const value of ['{"headers":"damaged"}', '{"headers":"again"}', secrets, '{"headers":"damaged"}']) {
      await set(value);
      await feed.refresh();
    }
    const line = `${organization.name} hooks ${pipeline.name} headers`;
    expect(logged).toEqual([expect.stringContaining(line), expect.stringContaining(line)]);
    expect(feed.workspace.pipelines).toEqual([]);
  });

  test('while the store cannot be read the last workspace stays in force; that is said once, and tried each second', async () => {
    const store = await open();
    const { source } = await fillOrganization(store);
    let isAway = false;
    let tries = 0;
    const version = () => {
      tries += 1;
      return isAway ? Promise.reject(new Error('away')) : store.version();
    };
    const { feed, clock, logged } = await startFeed({ ...store, version });
    const before = feed.workspace;
    isAway = true;
    await store.change(OPERATOR, ({ db }) => updateSource(db, source.id, { name: 'New' }));
    expect(await feed.refresh()).toBe(false);
    tries = 0;
    await clock.pass(10_000);
    expect(tries).toBe(10);
    expect(feed.workspace).toEqual(before);
    isAway = false;
    await expect
      .poll(async () => {
        await clock.pass(1_000);
        return feed.workspace.sources.get(source.id)?.name;
      })
      .toBe('New');
    expect(logged).toEqual([
      expect.stringContaining('The last configuration stays in force'),
      'The control store is read again.',
    ]);
  });
});

onPostgres('the workspace feed of a database that others change too', (open) => {
  test('has what another process has changed within a second', async () => {
    const store = await open();
    const { source } = await fillOrganization(store);
    const other = await openElsewhere(open, store);
    const sealed = new SealedConfiguration(store.options.dataDirectory, store.options.secretKey);
    const { feed, clock, delivered } = await startFeed(store, { sealed });
    await other.change(OPERATOR, ({ db }) => updateSource(db, source.id, { enabled: false }));
    await clock.pass(1_000);
    await expect.poll(() => feed.workspace.sources.get(source.id)?.enabled).toBe(false);
    await expect.poll(() => delivered.length).toBe(1);
    await feed.stop();
    expect(sealed.read()?.workspace).toEqual(feed.workspace);
  });

  test('keeps up while its connections are ended again and again under a load of changes', async () => {
    const store = await open();
    const { source } = await fillOrganization(store);
    const { feed, clock } = await startFeed(store);
    const others = `pid <> pg_backend_pid() and datname = current_database()`;
    let name = '';
    for (let place = 0; place < 100; place += 1) {
      if (place % 10 === 5)
        await administer(store, `select pg_terminate_backend(pid) from pg_stat_activity where ${others}`);
      try {
        await store.change(OPERATOR, ({ db }) => updateSource(db, source.id, { name: `Website ${place}` }));
        name = `Website ${place}`;
      } catch (error) {
        expect(error).toBeInstanceOf(DatabaseUnavailable);
      }
    }
    expect(name).toBe('Website 99');
    await expect
      .poll(async () => {
        await clock.pass(1_000);
        return feed.workspace.sources.get(source.id)?.name;
      })
      .toBe(name);
  });
});

/** Runs a statement on a connection of its own. */
async function administer({ options }: TestStore, statement: string): Promise<void> {
  const client = new pg.Client(options.databaseUrl);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
