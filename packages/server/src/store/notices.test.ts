import { beforeAll, expect, test } from 'vitest';
import { fillOrganization, NOON, openElsewhere } from './filled-organization.fixture.ts';
import { claimNotice, deleteNotice, listNotices } from './notices.ts';
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

  test('a pipeline has each kind of notice for itself, and anew once it was forgotten', async () => {
    const acme = await fillOrganization(store);
    const other = await fillOrganization(store);
    const noticeOf = (pipelineId: string, kind: string) => ({ pipelineId, kind, since: NOON });
    const claim = (pipelineId: string, kind: string) =>
      claimNotice(store.db, noticeOf(pipelineId, kind), NOON + 1);
    expect(await claim(acme.pipeline.id, 'failing')).toBe(true);
    expect(await claim(acme.pipeline.id, 'switched off')).toBe(true);
    expect(await claim(other.pipeline.id, 'failing')).toBe(true);
    const sent = async () => (await listNotices(store.db)).filter(({ kind }) => kind === 'failing');
    expect(await sent()).toContainEqual({ ...noticeOf(acme.pipeline.id, 'failing'), sentAt: NOON + 1 });
    await deleteNotice(store.db, noticeOf(acme.pipeline.id, 'failing'));
    expect((await sent()).map(({ pipelineId }) => pipelineId)).toEqual([other.pipeline.id]);
    expect(await claim(acme.pipeline.id, 'failing')).toBe(true);
    expect(await claim(acme.pipeline.id, 'switched off')).toBe(false);
    expect(await claim(other.pipeline.id, 'failing')).toBe(false);
  });

  test('one that was sent anew meanwhile is not forgotten along with the old one', async () => {
    const { pipeline } = await fillOrganization(store);
    const [old, anew] = [NOON, NOON + 1].map((since) => ({
      pipelineId: pipeline.id,
      kind: 'failing',
      since,
    }));
    if (old === undefined || anew === undefined) throw new Error('there are two');
    await claimNotice(store.db, anew, NOON);
    await deleteNotice(store.db, old);
    expect(await claimNotice(store.db, anew, NOON)).toBe(false);
  });
});
