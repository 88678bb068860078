import { beforeAll, expect, test } from 'vitest';
import { newId } from '../platform/ids.ts';
import { listAuditEntries } from './audit.ts';
import { fillOrganization } from './filled-organization.fixture.ts';
import { deleteOrganization } from './organizations.ts';
import { eachDatabase, OPERATOR, type TestStore } from './store.fixture.ts';
import type { Actor } from './store.ts';

const ADA: Actor = { id: 'ada', name: 'ada@acme.example', address: '192.0.2.1' };

eachDatabase('the audit log', (open) => {
  let store: TestStore;
  beforeAll(async () => {
    store = await open();
  });

  /** Notes as many changes of an organization as there are targets. */
  async function noteAll(organization: string, targets: readonly string[]) {
    for (const target of targets) {
      await store.change(ADA, async ({ note }) =>
        note({
          organization,
          action: 'source.updated',
          target,
          targetName: 'Website',
          details: { name: target },
        }),
      );
    }
  }

  test('an entry says who did what to what, when and from where', async () => {
    const organization = newId();
    await noteAll(organization, ['s1']);
    await store.change(OPERATOR, async ({ note }) =>
      note({ organization, action: 'source.deleted', target: 's1', targetName: 'Website' }),
    );
    const { entries } = await listAuditEntries(store.db, organization, { first: 10 });
    const frame = {
      id: expect.any(Number),
      at: store.options.clock.now(),
      target: 's1',
      targetName: 'Website',
    };
    expect(entries).toEqual([
      { ...frame, actorId: undefined, actor: 'operator', address: '', action: 'source.deleted', details: {} },
      {
        ...frame,
        actorId: 'ada',
        actor: 'ada@acme.example',
        address: '192.0.2.1',
        action: 'source.updated',
        details: { name: 's1' },
      },
    ]);
  });

  test('pages have each entry of the organization once, newest first, whatever is added meanwhile', async () => {
    const organization = newId();
    await noteAll(organization, ['a', 'b', 'c']);
    await noteAll(newId(), ['foreign']);
    await noteAll(organization, ['d', 'e', 'f']);
    const seen: string[] = [];
    let before: number | undefined;
    let hasMore = true;
    while (hasMore) {
      const page = await listAuditEntries(store.db, organization, { first: 2, before });
      seen.push(page.entries.map(({ target }) => target).join());
      before = page.entries.at(-1)?.id;
      hasMore = page.hasMore;
      await noteAll(organization, ['new']);
    }
    expect(seen).toEqual(['f,e', 'd,c', 'b,a']);
  });

  test('the log outlives its organization', async () => {
    const { organization } = await fillOrganization(store);
    await store.change(OPERATOR, ({ db }) => deleteOrganization(db, organization.id));
    const { entries } = await listAuditEntries(store.db, organization.id, { first: 10 });
    expect(entries).toHaveLength(1);
  });
});
