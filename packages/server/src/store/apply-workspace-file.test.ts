import { expect, test } from 'vitest';
import { createApiKey, listApiKeys } from './api-keys.ts';
import { listAuditEntries } from './audit.ts';
import { listConnections, openConnection, updateConnection } from './connections.ts';
import { FileConflict } from './file-change.ts';
import { made, NOON, WEBHOOKS } from './filled-organization.fixture.ts';
import { loadWorkspace } from './load-workspace.ts';
import { listMembers } from './members.ts';
import { createOrganization, renameOrganization } from './organizations.ts';
import { createPipeline, findPipeline, updatePipeline } from './pipelines.ts';
import { createSource, listSources, updateSource } from './sources.ts';
import { eachDatabase, OPERATOR, type TestStore } from './store.fixture.ts';
import { findUserByEmail, updateUser } from './users.ts';
import { ACME, ACME_ID, apply, CRM, HOOKS, OWNER, TO_HOOKS, WEBSITE } from './workspace-file.fixture.ts';
import { connectionId, organizationId, pipelineId, sourceId } from './workspace-id.ts';

/** The actions in an organization's audit log, oldest first. */
async function actions(store: TestStore, organization = ACME_ID): Promise<readonly string[]> {
  const { entries } = await listAuditEntries(store.db, organization, { first: 100 });
  return entries.map(({ action }) => action).reverse();
}

eachDatabase('applying a workspace file', (open) => {
  test('what it names is what the door and the lanes get, under the ids that derive from the names', async () => {
    const store = await open();
    const server = { name: 'Server', platform: 'server', enabled: false };
    await apply(store, { ...ACME, sources: [WEBSITE, server] });
    const { sources, pipelines } = await loadWorkspace(store);
    const id = sourceId('Acme', 'Server');
    expect([...sources.values()].sort((one, other) => (one.name < other.name ? 1 : -1))).toEqual([
      { id: 'website', name: 'Website', organization: 'Acme', platform: 'analytics.js', enabled: true },
      { id, name: 'Server', organization: 'Acme', platform: 'server', enabled: false },
    ]);
    expect(pipelines).toEqual([
      {
        id: pipelineId('Acme', 'Website', 'To hooks'),
        name: 'To hooks',
        source: 'website',
        destination: 'webhooks',
        connection: HOOKS.details,
        config: {},
        filter: [],
        enabled: true,
      },
    ]);
    expect(await listConnections(store.db, ACME_ID)).toMatchObject([{ id: connectionId('Acme', 'hooks') }]);
  });

  test('the same file twice changes nothing and writes no audit entry', async () => {
    const store = await open();
    const filter = [{ name: 'Orders only', only: 'event = "Order Completed"' }];
    const pipelines = [{ ...TO_HOOKS, filter, config: { batchSize: 10 } }];
    const file = { ...ACME, connections: [HOOKS, CRM], sources: [{ ...WEBSITE, pipelines }] };
    await apply(store, file);
    const first = { actions: await actions(store), workspace: await loadWorkspace(store) };
    expect(await apply(store, file)).toEqual([]);
    expect({ actions: await actions(store), workspace: await loadWorkspace(store) }).toEqual(first);
  });

  test('each change is in the audit log with what changed, and never with a secret', async () => {
    const store = await open();
    await apply(store, { ...ACME, connections: [HOOKS, CRM] });
    const crm = { ...CRM, details: { ...CRM.details, apiKey: 'canary2' } };
    const website = { ...WEBSITE, enabled: false, pipelines: [{ ...TO_HOOKS, enabled: false }] };
    const user = { email: 'user@acme.example', role: 'user' };
    await apply(store, { ...ACME, users: [OWNER, user], connections: [HOOKS, crm], sources: [website] });
    const { entries } = await listAuditEntries(store.db, ACME_ID, { first: 4 });
    expect(entries.map(({ action, actor, details }) => [action, actor, details]).reverse()).toEqual([
      ['member.added', 'workspace file', { role: 'USER' }],
      ['connection.updated', 'workspace file', { name: 'crm', fields: ['apiKey'] }],
      ['source.updated', 'workspace file', { enabled: false }],
      ['pipeline.updated', 'workspace file', { enabled: false }],
    ]);
    const audit = await store.db.selectFrom('audit').selectAll().execute();
    expect(JSON.stringify(audit)).not.toContain('canary');
  });

  test('what it does not name stays as it is', async () => {
    const store = await open();
    const more = {
      ...ACME,
      connections: [HOOKS, CRM],
      users: [OWNER, { ...OWNER, email: 'b@acme.example' }],
    };
    await apply(store, more, { ...ACME, name: 'Other', sources: [] });
    const before = await loadWorkspace(store);
    await apply(store, { name: 'Acme' });
    expect(await loadWorkspace(store)).toEqual(before);
    expect(await listMembers(store.db, ACME_ID)).toHaveLength(2);
    expect(await listConnections(store.db, ACME_ID)).toHaveLength(2);
  });

  test.each([{ delete: true }, { role: 'user' }])(
    'the API keys that an Owner made end when the file says %o of them',
    async (wish) => {
      const store = await open();
      const ada = { email: 'ada@acme.example', role: 'owner' };
      await apply(store, { ...ACME, users: [OWNER, ada] });
      const createdBy = (await findUserByEmail(store.db, ada.email))?.id ?? '';
      const given = {
        organizationId: ACME_ID,
        name: 'CI',
        role: 'OWNER',
        hash: 'h',
        beginning: 'mr_',
      } as const;
      await store.change(OPERATOR, ({ db }) => createApiKey(db, { ...given, createdBy, now: NOON }));
      // As somebody who has opened the invitation: else the other one could not go.
      const owner = (await findUserByEmail(store.db, OWNER.email))?.id ?? '';
      await store.change(OPERATOR, ({ db }) => updateUser(db, owner, { confirmedAt: NOON }));
      await apply(store, { ...ACME, users: [OWNER, { ...ada, ...wish }] });
      expect(await listApiKeys(store.db, ACME_ID)).toEqual([]);
      const [{ action, targetName } = {}] = (await listAuditEntries(store.db, ACME_ID, { first: 1 })).entries;
      expect({ action, targetName }).toEqual({ action: 'api-key.revoked', targetName: 'CI' });
    },
  );

  test('what it says to delete is deleted, and may be said again', async () => {
    const store = await open();
    const to = { ...WEBSITE, name: 'Server', platform: 'server', writeKey: 'server' };
    const user = { email: 'user@acme.example', role: 'user' };
    await apply(store, { ...ACME, users: [OWNER, user], sources: [WEBSITE, to] });
    const gone = {
      ...ACME,
      users: [OWNER, { ...user, delete: true }],
      connections: [{ ...HOOKS, details: {}, delete: true }],
      sources: [
        { ...WEBSITE, pipelines: [{ ...TO_HOOKS, delete: true }] },
        { ...to, delete: true },
      ],
    };
    await apply(store, gone);
    const { sources, pipelines } = await loadWorkspace(store);
    expect([...sources.keys()]).toEqual(['website']);
    expect(pipelines).toEqual([]);
    expect(await listConnections(store.db, ACME_ID)).toEqual([]);
    expect(await listMembers(store.db, ACME_ID)).toHaveLength(1);
    const deletions = ['member.removed', 'pipeline.deleted', 'source.deleted', 'connection.deleted'];
    expect((await actions(store)).slice(-4).sort()).toEqual(deletions.sort());
    await apply(store, gone);
    expect((await actions(store)).slice(-4).sort()).toEqual(deletions.sort());
  });

  test('a connection that a pipeline made by somebody else uses is not deleted, and nothing else is done', async () => {
    const store = await open();
    await apply(store, ACME);
    await store.change(OPERATOR, async ({ db }) => {
      const connection = connectionId('Acme', 'hooks');
      const wish = { sourceId: 'website', connectionId: connection, name: 'Mine', config: {}, now: NOON };
      made(await createPipeline(db, wish));
    });
    const before = { actions: await actions(store), workspace: await loadWorkspace(store) };
    const pipelines = [{ ...TO_HOOKS, delete: true }];
    const file = { ...ACME, connections: [{ ...HOOKS, delete: true }], sources: [{ ...WEBSITE, pipelines }] };
    await expect(apply(store, file)).rejects.toThrow(
      "The connection 'hooks' cannot be deleted: a pipeline that the file does not name uses it.",
    );
    expect({ actions: await actions(store), workspace: await loadWorkspace(store) }).toEqual(before);
  });

  test("a stranger's organization of the same name is not touched", async () => {
    const store = await open();
    const stranger = await store.change(OPERATOR, ({ db }) =>
      createOrganization(db, store.sealer, { name: 'Acme', now: NOON }),
    );
    await apply(store, ACME);
    expect(await listConnections(store.db, stranger.id)).toEqual([]);
    expect(await listSources(store.db, stranger.id)).toEqual([]);
    expect(await listMembers(store.db, stranger.id)).toEqual([]);
    expect(await actions(store, stranger.id)).toEqual([]);
  });

  test('a write key of another organization is refused with a remedy, and nothing is done', async () => {
    const store = await open();
    await store.change(OPERATOR, async ({ db }) => {
      const { id: theirs } = await createOrganization(db, store.sealer, { name: 'Theirs', now: NOON });
      const wish = {
        id: 'website',
        organizationId: theirs,
        name: 'Theirs',
        platform: 'ios',
        now: NOON,
      } as const;
      made(await createSource(db, wish));
    });
    const before = await loadWorkspace(store);
    const refused = apply(store, { name: 'First' }, ACME);
    await expect(refused).rejects.toBeInstanceOf(FileConflict);
    await expect(refused).rejects.toThrow(/belongs to another organization\. Give the source another one/);
    expect(await loadWorkspace(store)).toEqual(before);
    expect(await actions(store, organizationId('First'))).toEqual([]);
  });

  test('a pipeline to another destination keeps its id, and so its place in the log', async () => {
    const store = await open();
    await apply(store, ACME);
    const pipelines = [{ ...TO_HOOKS, destination: 'customerio', connection: 'crm' }];
    await apply(store, { ...ACME, connections: [HOOKS, CRM], sources: [{ ...WEBSITE, pipelines }] });
    expect((await loadWorkspace(store)).pipelines).toMatchObject([
      { id: pipelineId('Acme', 'Website', 'To hooks'), destination: 'customerio', connection: CRM.details },
    ]);
    expect((await actions(store)).at(-1)).toBe('pipeline.updated');
  });

  test('a connection does not become one for another destination', async () => {
    const store = await open();
    await apply(store, { name: 'Acme', connections: [HOOKS] });
    await expect(apply(store, { name: 'Acme', connections: [{ ...CRM, name: 'hooks' }] })).rejects.toThrow(
      "The connection 'hooks' is for 'webhooks' and cannot become one for 'customerio'. Give it another name.",
    );
  });

  test('a field that a connection has no more in the file has no value, secret or not', async () => {
    const store = await open();
    const details = {
      ...HOOKS.details,
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      headers: { a: 'b' },
    };
    await apply(store, { name: 'Acme', connections: [{ ...HOOKS, details }] });
    await apply(store, { name: 'Acme', connections: [HOOKS] });
    const opened = await openConnection(store.db, store.sealer, connectionId('Acme', 'hooks'));
    expect(opened).toEqual({ details: HOOKS.details, unreadable: [] });
  });

  test('a secret that does not open any more is written anew, or taken away where the file has none', async () => {
    const store = await open();
    await apply(store, { name: 'Acme', connections: [HOOKS, CRM] });
    const secrets = { headers: 'damaged', apiKey: 'damaged' };
    await store.db
      .updateTable('connections')
      .set({ secrets: JSON.stringify(secrets) })
      .execute();
    await apply(store, { name: 'Acme', connections: [HOOKS, CRM] });
    for (const { name, details } of [HOOKS, CRM]) {
      const opened = await openConnection(store.db, store.sealer, connectionId('Acme', name));
      expect(opened).toEqual({ details, unreadable: [] });
    }
  });
});

eachDatabase('what a workspace file finds in the store', (open) => {
  test('is found under its id, whatever it is called by now', async () => {
    const store = await open();
    await apply(store, ACME);
    const before = await loadWorkspace(store);
    await store.change(OPERATOR, async ({ db }) => {
      await renameOrganization(db, ACME_ID, 'Renamed');
      await updateSource(db, 'website', { name: 'Renamed' });
      await updatePipeline(db, pipelineId('Acme', 'Website', 'To hooks'), { name: 'Renamed' });
      const hooks = connectionId('Acme', 'hooks');
      await updateConnection(db, store.sealer, WEBHOOKS, hooks, { name: 'Renamed' });
    });
    await apply(store, ACME);
    expect(await loadWorkspace(store)).toEqual(before);
  });

  test('else under its name, as when somebody made it through the API', async () => {
    const store = await open();
    await apply(store, { name: 'Acme' });
    const source = await store.change(OPERATOR, async ({ db }) => {
      const wish = { organizationId: ACME_ID, name: 'Website', platform: 'ios', now: NOON } as const;
      return made(await createSource(db, wish));
    });
    const { writeKey: _, ...website } = WEBSITE;
    await apply(store, { ...ACME, sources: [website] });
    expect(await listSources(store.db, ACME_ID)).toEqual([{ ...source, platform: 'analytics.js' }]);
  });

  test('but never under a name that another entry has by its id', async () => {
    const store = await open();
    const [one, other] = ['One', 'Other'].map((name) => ({ name, platform: 'server' }));
    await apply(store, { name: 'Acme', sources: [one] });
    await store.change(OPERATOR, ({ db }) => updateSource(db, sourceId('Acme', 'One'), { name: 'Other' }));
    await apply(store, { name: 'Acme', sources: [other, one] });
    const sources = await listSources(store.db, ACME_ID);
    expect(new Map(sources.map(({ id, name }) => [id, name]))).toEqual(
      new Map([
        [sourceId('Acme', 'One'), 'One'],
        [sourceId('Acme', 'Other'), 'Other'],
      ]),
    );
  });

  test('a connection whose name another one has by now is refused with a remedy', async () => {
    const store = await open();
    const second = { ...HOOKS, name: 'second' };
    await apply(store, { name: 'Acme', connections: [HOOKS, second] });
    await store.change(OPERATOR, async ({ db }) => {
      const rename = (from: string, to: string) =>
        updateConnection(db, store.sealer, WEBHOOKS, connectionId('Acme', from), { name: to });
      await rename('hooks', 'third');
      await rename('second', 'hooks');
    });
    await expect(apply(store, { name: 'Acme', connections: [HOOKS] })).rejects.toThrow(
      "The connection 'hooks' is called 'third' in the store, where 'hooks' is another one.",
    );
  });

  test('a source with another write key is another source, and the one before it stays', async () => {
    const store = await open();
    await apply(store, ACME);
    const moved = { ...ACME, sources: [{ ...WEBSITE, writeKey: 'new' }] };
    await apply(store, moved);
    const { sources, pipelines } = await loadWorkspace(store);
    expect([...sources.keys()].sort()).toEqual(['new', 'website']);
    expect(pipelines.map(({ source }) => source).sort()).toEqual(['new', 'website']);
    const entries = await actions(store);
    await apply(store, moved);
    expect(await actions(store)).toEqual(entries);
    expect(await findPipeline(store.db, pipelineId('Acme', 'Website', 'To hooks'))).toMatchObject({
      sourceId: 'website',
    });
  });
});
