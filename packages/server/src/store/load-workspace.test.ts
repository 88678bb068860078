import fc from 'fast-check';
import type { KyselyPlugin } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { createConnection } from './connections.ts';
import { fillOrganization, made, NOON, WEBHOOKS } from './filled-organization.fixture.ts';
import { loadWorkspace } from './load-workspace.ts';
import { createOrganization, deleteOrganization } from './organizations.ts';
import { createPipeline } from './pipelines.ts';
import { createSource } from './sources.ts';
import { eachDatabase, OPERATOR, type TestStore } from './store.fixture.ts';
import type { Store } from './store.ts';
import { type Pipeline, PLATFORMS, type Source } from './workspace.ts';

const CONNECTIONS = 3;

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((name) => !name.includes('\0'));
const json = fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true, maxKeys: 3 });
const details = fc.record(
  {
    urls: fc.array(fc.webUrl(), { maxLength: 2 }),
    secret: fc.string(),
    headers: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true, maxKeys: 2 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const pipeline = fc.record(
  {
    name: text,
    over: fc.nat(CONNECTIONS - 1),
    config: json,
    filter: fc.array(fc.record({ name: text, only: text }, { noNullPrototype: true }), { maxLength: 2 }),
    enabled: fc.boolean(),
  },
  { noNullPrototype: true },
);
const source = fc.record({
  name: text,
  platform: fc.constantFrom(...PLATFORMS),
  enabled: fc.boolean(),
  pipelines: fc.array(pipeline, { maxLength: 4 }),
});
const organization = fc.record({
  name: text,
  connections: fc.array(details, { minLength: CONNECTIONS, maxLength: CONNECTIONS }),
  sources: fc.array(source, { maxLength: 3 }),
});

type Organization = ReturnType<(typeof organization)['generate']>['value'];

/** Stores an organization in one change. Returns its id, and what is to be loaded. */
async function storeAll(store: Store, { name, connections, sources }: Organization) {
  const now = NOON;
  return await store.change(OPERATOR, async ({ db }) => {
    const { id: organizationId } = await createOrganization(db, store.sealer, { name, now });
    const ids: string[] = [];
    for (const [place, details] of connections.entries()) {
      const given = { organizationId, name: `connection ${place}`, details, now };
      ids.push(made(await createConnection(db, store.sealer, WEBHOOKS, given)).id);
    }
    const expected: { sources: Source[]; pipelines: Pipeline[] } = { sources: [], pipelines: [] };
    for (const { pipelines, ...given } of sources) {
      const { id: sourceId } = made(await createSource(db, { ...given, organizationId, now }));
      expected.sources.push({ ...given, id: sourceId, organization: name });
      for (const { over, ...rest } of pipelines) {
        const ends = { sourceId, connectionId: ids[over] ?? '' };
        const { id } = made(await createPipeline(db, { ...rest, ...ends, now }));
        const connection = connections[over] ?? {};
        expected.pipelines.push({ ...rest, id, source: sourceId, destination: 'webhooks', connection });
      }
    }
    return { id: organizationId, ...expected };
  });
}

const byId = (one: Pipeline, other: Pipeline) => (one.id < other.id ? -1 : 1);

eachDatabase('loading the workspace', (open) => {
  let store: TestStore;
  beforeAll(async () => {
    store = await open();
  });

  test('an empty store is an empty workspace', async () => {
    const empty = await open();
    expect(await loadWorkspace(empty)).toEqual({ sources: new Map(), pipelines: [], unreadable: [] });
  });

  test('what was stored is what is loaded', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(organization, { maxLength: 3 }), async (organizations) => {
        const stored: Awaited<ReturnType<typeof storeAll>>[] = [];
        for (const each of organizations) stored.push(await storeAll(store, each));
        const { sources, pipelines, unreadable } = await loadWorkspace(store);
        await store.change(OPERATOR, async ({ db }) => {
          for (const { id } of stored) await deleteOrganization(db, id);
        });
        const expected = stored.flatMap((each) => each.sources);
        expect(sources).toEqual(new Map(expected.map((source) => [source.id, source])));
        expect(pipelines.toSorted(byId)).toEqual(stored.flatMap((each) => each.pipelines).sort(byId));
        expect(unreadable).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test('a secret that does not open takes out the pipelines over its connection, and nothing else', async () => {
    const shared = await open();
    const acme = await fillOrganization(shared);
    const other = await fillOrganization(shared);
    const secrets = JSON.stringify({ secret: 'damaged', headers: 'damaged' });
    await shared.db
      .updateTable('connections')
      .set({ secrets })
      .where('id', '=', acme.connection.id)
      .execute();
    const { sources, pipelines, unreadable } = await loadWorkspace(shared);
    expect([...sources.keys()].sort()).toEqual([acme.source.id, other.source.id].sort());
    expect(pipelines.map(({ id }) => id)).toEqual([other.pipeline.id]);
    expect(unreadable).toEqual([
      {
        id: acme.pipeline.id,
        name: acme.pipeline.name,
        connection: 'hooks',
        organization: acme.organization.name,
        fields: ['secret', 'headers'],
      },
    ]);
  });

  test('loading costs one query, however much there is', async () => {
    for (let count = 0; count < 3; count += 1) await fillOrganization(store);
    let queries = 0;
    const counter: KyselyPlugin = {
      transformQuery({ node }) {
        queries += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const { pipelines } = await loadWorkspace({ ...store, db: store.db.withPlugin(counter) });
    expect(pipelines.length).toBeGreaterThanOrEqual(3);
    expect(queries).toBe(1);
  });
});
