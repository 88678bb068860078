import { beforeAll, expect, test } from 'vitest';
import { newId } from '../platform/ids.ts';
import { newToken } from '../platform/one-time-tokens.ts';
import { made, NOON, openElsewhere } from './filled-organization.fixture.ts';
import { addMailToken, deleteExpiredMailTokens, deleteMailTokens, takeMailToken } from './mail-tokens.ts';
import { eachDatabase, OPERATOR, type TestStore } from './store.fixture.ts';
import type { Store } from './store.ts';
import { createUser, deleteUser } from './users.ts';

const END = NOON + 1_000;

/** Mails Ada a link to reset her password. Returns what the store keeps of it, and its hash. */
async function mailReset(store: Store) {
  const { hash } = newToken();
  const email = `${newId()}@acme.example`.toLowerCase();
  const ada = { email, password: null, confirmedAt: null, now: NOON };
  const { id: userId } = made(await store.change(OPERATOR, ({ db }) => createUser(db, ada)));
  const token = { purpose: 'reset', userId, organizationId: undefined, email } as const;
  const link = { ...token, email: email.toUpperCase(), hash, expiresAt: END, now: NOON };
  await addMailToken(store.db, link);
  return { token, hash, link };
}

async function hashesOf(store: Store, userId: string) {
  const tokens = store.db.selectFrom('mail_tokens').select('hash').where('user_id', '=', userId);
  return (await tokens.execute()).map(({ hash }) => hash);
}

eachDatabase('mail tokens', (open) => {
  let store: TestStore;
  beforeAll(async () => {
    store = await open();
  });

  test('of 20 who use a link at once, one gets it', async () => {
    const { token, hash } = await mailReset(store);
    const stores = [store, await openElsewhere(open, store)];
    const takes = Array.from({ length: 10 }, () =>
      stores.map((each) => each.change(OPERATOR, ({ db }) => takeMailToken(db, hash, 'reset', NOON))),
    );
    const results = await Promise.all(takes.flat());
    expect(results.filter((result) => result !== undefined)).toEqual([token]);
  });

  test('of 20 who use a link at once outside of changes, one gets it', async () => {
    const { token, hash } = await mailReset(store);
    const takes = Array.from({ length: 20 }, () => takeMailToken(store.db, hash, 'reset', NOON));
    expect((await Promise.all(takes)).filter((result) => result !== undefined)).toEqual([token]);
  });

  test('a link that was used for something that failed can be used again', async () => {
    const { token, hash } = await mailReset(store);
    const failing = store.change(OPERATOR, async ({ db }) => {
      expect(await takeMailToken(db, hash, 'reset', NOON)).toEqual(token);
      throw new Error('the disk is full');
    });
    await expect(failing).rejects.toThrow('the disk is full');
    expect(await takeMailToken(store.db, hash, 'reset', NOON)).toEqual(token);
  });

  test('what somebody gave who signed up comes out with their link, and with no other', async () => {
    const { token, link } = await mailReset(store);
    const signUp = { password: '$argon2id$1', profile: { firstName: 'Ada', lastName: '', company: 'Acme' } };
    const { hash } = newToken();
    await addMailToken(store.db, { ...link, hash, purpose: 'confirm', signUp });
    expect(await takeMailToken(store.db, hash, 'confirm', NOON)).toEqual({
      ...token,
      purpose: 'confirm',
      signUp,
    });
    expect((await takeMailToken(store.db, link.hash, 'reset', NOON))?.signUp).toBeUndefined();
  });

  test('a link opens nothing from the time of its end on', async () => {
    const { token, hash } = await mailReset(store);
    expect(await takeMailToken(store.db, hash, 'reset', END)).toBeUndefined();
    expect(await takeMailToken(store.db, hash, 'reset', END - 1)).toEqual(token);
  });

  test('a link is good for its purpose alone', async () => {
    const { token, hash } = await mailReset(store);
    expect(await takeMailToken(store.db, hash, 'confirm', NOON)).toBeUndefined();
    expect(await takeMailToken(store.db, newToken().hash, 'reset', NOON)).toBeUndefined();
    expect(await takeMailToken(store.db, hash, 'reset', NOON)).toEqual(token);
  });

  test('only links that open nothing are cleaned up', async () => {
    const { token, link } = await mailReset(store);
    await addMailToken(store.db, { ...link, hash: 'later', expiresAt: END + 1 });
    await deleteExpiredMailTokens(store.db, END);
    expect(await hashesOf(store, token.userId)).toEqual(['later']);
  });

  test('links of a user are made void by purpose, and all of them with the account', async () => {
    const { token, link } = await mailReset(store);
    const other = await mailReset(store);
    await addMailToken(store.db, { ...link, hash: 'confirmation', purpose: 'confirm' });
    await deleteMailTokens(store.db, token.userId, 'reset');
    expect(await hashesOf(store, token.userId)).toEqual(['confirmation']);
    await store.change(OPERATOR, ({ db }) => deleteUser(db, token.userId));
    expect(await hashesOf(store, token.userId)).toEqual([]);
    expect(await hashesOf(store, other.token.userId)).toEqual([other.hash]);
  });
});
