import { beforeAll, expect, test } from 'vitest';
import { fillOrganization, made, NOON } from './filled-organization.fixture.ts';
import { changeMember, findMembership } from './members.ts';
import { createSource, deleteSource, findSource, listSources, updateSource } from './sources.ts';
import { eachDatabase, OPERATOR, type TestStore } from './store.fixture.ts';

const SHOP = { name: 'Shop', platform: 'ios', enabled: false, now: NOON } as const;

eachDatabase('sources', (open) => {
  let store: TestStore;
  beforeAll(async () => {
    store = await open();
  });

  test('a source is found by its id, and listed in its organization alone', async () => {
    const { organization, source } = await fillOrganization(store);
    const other = await fillOrganization(store);
    const shop = made(
      await store.change(OPERATOR, ({ db }) =>
        createSource(db, { ...SHOP, organizationId: organization.id, now: NOON + 1 }),
      ),
    );
    const { now: _, ...given } = SHOP;
    expect(shop).toEqual({ ...given, id: shop.id, organizationId: organization.id, createdAt: NOON + 1 });
    expect(await findSource(store.db, shop.id)).toEqual(shop);
    expect(await listSources(store.db, organization.id)).toEqual([source, shop]);
    expect(await listSources(store.db, other.organization.id)).toEqual([other.source]);
    expect(await findSource(store.db, 'nothing')).toBeUndefined();
  });

  test('a Source ID is given once, whoever asks for it', async () => {
    const { organization, source } = await fillOrganization(store);
    const other = await fillOrganization(store);
    for (const { id: organizationId } of [organization, other.organization]) {
      const again = { ...SHOP, id: source.id, organizationId };
      expect(await store.change(OPERATOR, ({ db }) => createSource(db, again))).toBe('conflict');
    }
    expect(await findSource(store.db, source.id)).toEqual(source);
  });

  test('of a source, what is named changes and the rest stays', async () => {
    const { source } = await fillOrganization(store);
    const update = (change: Parameters<typeof updateSource>[2], id = source.id) =>
      store.change(OPERATOR, ({ db }) => updateSource(db, id, change));
    expect(await update({ enabled: false })).toEqual({ ...source, enabled: false });
    expect(await update({ name: 'Shop', platform: 'ios' })).toEqual({ ...source, ...SHOP, now: undefined });
    expect(await update({ enabled: true }, 'nothing')).toBeUndefined();
  });

  test('a deleted source is granted to nobody any more', async () => {
    const { organization, source, user } = await fillOrganization(store);
    const other = await fillOrganization(store);
    const remove = () => store.change(OPERATOR, ({ db }) => deleteSource(db, source.id));
    await store.change(OPERATOR, ({ db }) =>
      changeMember(db, organization.id, user.id, { sources: ['kept', source.id] }),
    );
    expect(await remove()).toEqual(source);
    expect(await findSource(store.db, source.id)).toBeUndefined();
    const sourcesOf = async (organizationId: string, userId: string) =>
      (await findMembership(store.db, organizationId, userId))?.sources;
    expect(await sourcesOf(organization.id, user.id)).toEqual(['kept']);
    expect(await sourcesOf(other.organization.id, other.user.id)).toEqual([other.source.id]);
    expect(await remove()).toBeUndefined();
  });
});
