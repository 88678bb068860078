import { beforeAll, describe, expect, test } from 'vitest';
import {
  type ConnectionChange,
  createConnection,
  deleteConnection,
  findConnection,
  listConnections,
  openConnection,
  type SecretRules,
  updateConnection,
} from './connections.ts';
import { CANARY, CUSTOMERIO, fillOrganization, made, NOON, WEBHOOKS } from './filled-organization.fixture.ts';
import { deletePipeline } from './pipelines.ts';
import { eachDatabase, OPERATOR, type TestStore } from './store.fixture.ts';

const URLS = ['https://acme.example/hook'];

eachDatabase('connections', (open) => {
  let store: TestStore;
  beforeAll(async () => {
    store = await open();
  });

  const create = (organizationId: string, name: string, details = {}, destination: SecretRules = WEBHOOKS) =>
    store.change(OPERATOR, ({ db }) =>
      createConnection(db, store.sealer, destination, { organizationId, name, details, now: NOON }),
    );
  const update = (id: string, change: ConnectionChange, destination: SecretRules = WEBHOOKS) =>
    store.change(OPERATOR, ({ db }) => updateConnection(db, store.sealer, destination, id, change));
  const openDetails = async (id: string) => (await openConnection(store.db, store.sealer, id))?.details;
  const rowTextOf = async (id: string) =>
    JSON.stringify(await store.db.selectFrom('connections').selectAll().where('id', '=', id).execute());

  test('a connection is found by its id, and listed in its organization alone', async () => {
    const { organization, connection } = await fillOrganization(store);
    const other = await fillOrganization(store);
    const cio = made(await create(organization.id, 'cio', { siteId: 's', apiKey: 'k' }, CUSTOMERIO));
    expect(cio).toEqual({
      id: cio.id,
      organizationId: organization.id,
      name: 'cio',
      destination: 'customerio',
      details: { siteId: 's' },
      secretsSet: ['apiKey'],
      createdAt: NOON,
    });
    expect(await findConnection(store.db, cio.id)).toEqual(cio);
    expect(await listConnections(store.db, organization.id)).toEqual([cio, connection]);
    expect(await listConnections(store.db, organization.id, 'webhooks')).toEqual([connection]);
    expect(await listConnections(store.db, other.organization.id)).toEqual([other.connection]);
    expect(await findConnection(store.db, 'nothing')).toBeUndefined();
    expect(await openConnection(store.db, store.sealer, 'nothing')).toBeUndefined();
    expect(await create('nothing', 'hooks')).toBeUndefined();
  });

  describe('a name', () => {
    test('is taken once in an organization, however many ask for it at once', async () => {
      const { organization } = await fillOrganization(store);
      const all = await Promise.all(Array.from({ length: 5 }, () => create(organization.id, 'again')));
      expect(all.filter((result) => result === 'conflict')).toHaveLength(4);
    });

    test('may be used by another organization', async () => {
      const { organization } = await fillOrganization(store);
      const other = await fillOrganization(store);
      made(await create(organization.id, 'shared'));
      made(await create(other.organization.id, 'shared'));
    });

    test('cannot be changed to that of another connection, and can be kept', async () => {
      const { organization, connection } = await fillOrganization(store);
      const second = made(await create(organization.id, 'second'));
      expect(await update(second.id, { name: 'hooks', details: { urls: URLS } })).toBe('conflict');
      expect(await findConnection(store.db, second.id)).toEqual(second);
      expect(await update(connection.id, { name: 'hooks' })).toEqual(connection);
      expect(await update(connection.id, { name: 'third' })).toEqual({ ...connection, name: 'third' });
      expect(await update('nothing', { name: 'fourth' })).toBeUndefined();
    });
  });

  describe('secrets', () => {
    const SECRETS = {
      secret: `whsec_${CANARY}`,
      headers: { 'x-first': CANARY, 'x-second': `Bearer ${CANARY}` },
    };

    test('are in no text of the row, and come back when they are opened', async () => {
      const { organization } = await fillOrganization(store);
      const { id, ...shown } = made(await create(organization.id, 'second', { urls: URLS, ...SECRETS }));
      expect(shown).toMatchObject({ details: { urls: URLS }, secretsSet: ['secret', 'headers'] });
      expect(JSON.stringify(shown)).not.toContain(CANARY);
      expect(await rowTextOf(id)).not.toContain(CANARY);
      expect(await rowTextOf(id)).not.toContain('x-first');
      expect(await openConnection(store.db, store.sealer, id)).toEqual({
        details: { urls: URLS, ...SECRETS },
        unreadable: [],
      });
    });

    test('that the destination does not declare are sealed as well', async () => {
      const { organization } = await fillOrganization(store);
      const { id, secretsSet } = made(await create(organization.id, 'second', { token: CANARY }));
      expect(secretsSet).toEqual(['token']);
      expect(await rowTextOf(id)).not.toContain(CANARY);
    });

    test('stay sealed as they are when others change', async () => {
      const { connection } = await fillOrganization(store);
      const sealed = async () => {
        const row = store.db.selectFrom('connections').select('secrets').where('id', '=', connection.id);
        return JSON.parse((await row.executeTakeFirstOrThrow()).secrets).headers;
      };
      const before = await sealed();
      await update(connection.id, { name: 'renamed', details: { urls: URLS, secret: 'whsec_new' } });
      expect(await sealed()).toBe(before);
      expect(await openDetails(connection.id)).toEqual({
        urls: URLS,
        secret: 'whsec_new',
        headers: { authorization: CANARY },
      });
    });

    test('are replaced when they are given and cleared by null, like what is no secret', async () => {
      const { organization } = await fillOrganization(store);
      const { id } = made(await create(organization.id, 'second', { urls: URLS, ...SECRETS }));
      expect(await update(id, { details: { secret: null, urls: null } })).toMatchObject({
        details: {},
        secretsSet: ['headers'],
      });
      await update(id, { details: { headers: { 'x-third': 'new' } } });
      expect(await openDetails(id)).toEqual({ headers: { 'x-third': 'new' } });
      expect(await rowTextOf(id)).not.toContain('new');
    });

    test('do not open for another connection, and can be entered again', async () => {
      const { organization, connection } = await fillOrganization(store);
      const second = made(await create(organization.id, 'second', { urls: URLS, ...SECRETS }));
      const { secrets } = await store.db
        .selectFrom('connections')
        .select('secrets')
        .where('id', '=', connection.id)
        .executeTakeFirstOrThrow();
      await store.db.updateTable('connections').set({ secrets }).where('id', '=', second.id).execute();
      expect(await openConnection(store.db, store.sealer, second.id)).toEqual({
        details: { urls: URLS },
        unreadable: ['headers'],
      });
      made(await update(second.id, { details: { headers: { 'x-first': 'again' } } }));
      expect(await openDetails(second.id)).toEqual({ urls: URLS, headers: { 'x-first': 'again' } });
    });
  });

  test('a connection stays as long as a pipeline uses it', async () => {
    const { connection, pipeline } = await fillOrganization(store);
    const other = await fillOrganization(store);
    const remove = () => store.change(OPERATOR, ({ db }) => deleteConnection(db, connection.id));
    expect(await remove()).toBe('in use');
    expect(await findConnection(store.db, connection.id)).toEqual(connection);
    await store.change(OPERATOR, ({ db }) => deletePipeline(db, pipeline.id));
    expect(await remove()).toEqual(connection);
    expect(await findConnection(store.db, connection.id)).toBeUndefined();
    expect(await findConnection(store.db, other.connection.id)).toEqual(other.connection);
    expect(await remove()).toBeUndefined();
  });
});
