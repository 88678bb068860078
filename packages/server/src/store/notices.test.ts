import { beforeAll, expect, test } from 'vitest';
import { fillOrganization, NOON, openElsewhere } from './filled-organization.fixture.ts';
import { claimNotice, listNotices } from './notices.ts';
import { eachDatabase, type TestStore } from './store.fixture.ts';

eachDatabase('notices', (open) => {
  let store: TestStore;
  beforeAll(async () => {
    store = await open();
  });

  test('of 20 who want to send the same notice, one does', async () => {
    const { pipeline } = await fillOrganization(store);
    const stores = [store, await openElsewhere(open, store)];
    const notice = { pipelineId: pipeline.id, kind: 'failing for an hour', since: NOON };
    const claims = Array.from({ length: 10 }, () => stores.map(({ db }) => claimNotice(db, notice, NOON)));
    const results = await Promise.all(claims.flat());
    expect(results.filter((isClaimed) => isClaimed)).toHaveLength(1);
  });

  test('a pipeline has each kind of notice for itself', async () => {
    const acme = await fillOrganization(store);
    const other = await fillOrganization(store);
    const claim = (pipelineId: string, kind: string) =>
      claimNotice(store.db, { pipelineId, kind, since: NOON }, NOON);
    expect(await claim(acme.pipeline.id, 'failing')).toBe(true);
    expect(await claim(acme.pipeline.id, 'switched off')).toBe(true);
    expect(await claim(other.pipeline.id, 'failing')).toBe(true);
    expect(await claim(acme.pipeline.id, 'failing')).toBe(false);
  });

  test('of 20 who want to send it anew, one does, and only where the last one is behind us', async () => {
    const { pipeline } = await fillOrganization(store);
    const stores = [store, await openElsewhere(open, store)];
    const notice = { pipelineId: pipeline.id, kind: 'failing', since: NOON };
    await claimNotice(store.db, notice, NOON + 10);
    const anew = { ...notice, since: NOON + 30 };
    const claimAll = (sentBefore: number) =>
      Promise.all(
        Array.from({ length: 10 }, () =>
          stores.map(({ db }) => claimNotice(db, anew, NOON + 40, sentBefore)),
        ).flat(),
      );
    expect((await claimAll(NOON + 10)).filter(Boolean)).toHaveLength(0);
    expect((await claimAll(NOON + 11)).filter(Boolean)).toHaveLength(1);
    const sent = (await listNotices(store.db)).filter(({ pipelineId }) => pipelineId === pipeline.id);
    expect(sent).toContainEqual({ ...anew, sentAt: NOON + 40 });
    expect(sent.filter(({ kind }) => kind === 'failing')).toHaveLength(1);
  });
});
