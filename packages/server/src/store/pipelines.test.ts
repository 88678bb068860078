import { beforeAll, expect, test } from 'vitest';
import { createConnection } from './connections.ts';
import {
  CUSTOMERIO,
  type FilledOrganization,
  fillOrganization,
  made,
  NOON,
  WEBHOOKS,
} from './filled-organization.fixture.ts';
import {
  createPipeline,
  deletePipeline,
  findPipeline,
  listPipelines,
  listPipelinesOver,
  type PipelineChange,
  updatePipeline,
} from './pipelines.ts';
import { eachDatabase, OPERATOR, type TestStore } from './store.fixture.ts';

const SECOND = { name: 'Second', config: {}, enabled: false, now: NOON + 1 };

eachDatabase('pipelines', (open) => {
  let store: TestStore;
  beforeAll(async () => {
    store = await open();
  });

  const addConnection = async ({ organization }: FilledOrganization, destination = WEBHOOKS) => {
    const given = {
      organizationId: organization.id,
      name: `a second ${destination.code}`,
      details: {},
      now: NOON,
    };
    const created = store.change(OPERATOR, ({ db }) =>
      createConnection(db, store.sealer, destination, given),
    );
    return made(await created);
  };
  const update = (id: string, change: PipelineChange) =>
    store.change(OPERATOR, ({ db }) => updatePipeline(db, id, change));

  test('a pipeline is found by its id, its source and its connection', async () => {
    const acme = await fillOrganization(store);
    const other = await fillOrganization(store);
    const { organization, source, pipeline } = acme;
    const connection = await addConnection(acme, CUSTOMERIO);
    const ends = { sourceId: source.id, connectionId: connection.id };
    const second = made(await store.change(OPERATOR, ({ db }) => createPipeline(db, { ...ends, ...SECOND })));
    expect(second).toEqual({
      ...ends,
      id: second.id,
      organizationId: organization.id,
      destination: 'customerio',
      name: 'Second',
      config: {},
      filter: [],
      enabled: false,
      createdAt: NOON + 1,
    });
    expect(pipeline).toMatchObject({
      config: { mode: 'batch' },
      filter: [{ name: 'Orders only', only: 'event = "Order Completed"' }],
      enabled: true,
    });
    expect(await findPipeline(store.db, second.id)).toEqual(second);
    expect(await listPipelines(store.db, source.id)).toEqual([pipeline, second]);
    expect(await listPipelines(store.db, other.source.id)).toEqual([other.pipeline]);
    expect(await listPipelinesOver(store.db, connection.id)).toEqual([second]);
    expect(await findPipeline(store.db, 'nothing')).toBeUndefined();
  });

  test('a pipeline never goes over the connection of another organization', async () => {
    const { source, pipeline } = await fillOrganization(store);
    const other = await fillOrganization(store);
    for (const connectionId of [other.connection.id, 'nothing']) {
      const foreign = { ...SECOND, sourceId: source.id, connectionId };
      const created = store.change(OPERATOR, ({ db }) => createPipeline(db, foreign));
      expect(await created).toBe('no connection');
      expect(await update(pipeline.id, { connectionId, enabled: false })).toBe('no connection');
    }
    expect(await listPipelines(store.db, source.id)).toEqual([pipeline]);
    expect(await listPipelinesOver(store.db, other.connection.id)).toEqual([other.pipeline]);
  });

  test('nothing comes from a source that is not there', async () => {
    const { connection } = await fillOrganization(store);
    const ends = { sourceId: 'nothing', connectionId: connection.id };
    expect(
      await store.change(OPERATOR, ({ db }) => createPipeline(db, { ...ends, ...SECOND })),
    ).toBeUndefined();
  });

  test('of a pipeline, what is named changes and the rest stays', async () => {
    const acme = await fillOrganization(store);
    const { pipeline } = acme;
    const connection = await addConnection(acme);
    expect(await update(pipeline.id, { connectionId: connection.id })).toEqual({
      ...pipeline,
      connectionId: connection.id,
    });
    const change = { name: 'Some', config: { a: [1] }, filter: [{ name: 'No x', drop: 'event = "x"' }] };
    const changed = { ...pipeline, ...change, connectionId: connection.id };
    expect(await update(pipeline.id, change)).toEqual(changed);
    expect(await update(pipeline.id, { enabled: false })).toEqual({ ...changed, enabled: false });
    expect(await findPipeline(store.db, pipeline.id)).toEqual({ ...changed, enabled: false });
    expect(await update('nothing', { enabled: false })).toBeUndefined();
  });

  test('a pipeline keeps to its destination', async () => {
    const acme = await fillOrganization(store);
    const { id } = await addConnection(acme, CUSTOMERIO);
    expect(await update(acme.pipeline.id, { connectionId: id })).toBe('no connection');
  });

  test('a deleted pipeline is gone, and others are not', async () => {
    const { pipeline } = await fillOrganization(store);
    const other = await fillOrganization(store);
    const remove = () => store.change(OPERATOR, ({ db }) => deletePipeline(db, pipeline.id));
    expect(await remove()).toEqual(pipeline);
    expect(await findPipeline(store.db, pipeline.id)).toBeUndefined();
    expect(await findPipeline(store.db, other.pipeline.id)).toEqual(other.pipeline);
    expect(await remove()).toBeUndefined();
  });
});
