import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../platform/ids.ts';
import { newToken } from '../platform/one-time-tokens.ts';
import { fillOrganization, made, NOON, openElsewhere } from './filled-organization.fixture.ts';
import { addMailToken, deleteMailTokens } from './mail-tokens.ts';
import { addMember, listMembers, removeMember } from './members.ts';
import { eachDatabase, OPERATOR, type TestStore } from './store.fixture.ts';
import type { Store } from './store.ts';
import {
  createUser,
  deleteAbandonedUsers,
  deleteUser,
  findUser,
  findUserByEmail,
  hasUsers,
  type NewUser,
  type StoredUser,
  type UserChange,
  updateUser,
} from './users.ts';

/** Somebody with an address that no other test has. */
function somebody(change: Partial<NewUser> = {}): NewUser {
  const email = `${newId()}@acme.example`.toLowerCase();
  return { email, password: '$argon2id$1', confirmedAt: NOON, now: NOON, ...change };
}

const create = (store: Store, user: NewUser) => store.change(OPERATOR, ({ db }) => createUser(db, user));
const update = (store: Store, id: string, change: UserChange) =>
  store.change(OPERATOR, ({ db }) => updateUser(db, id, change));
const remove = (store: Store, id: string) => store.change(OPERATOR, ({ db }) => deleteUser(db, id));

eachDatabase('users', (open) => {
  let store: TestStore;
  beforeAll(async () => {
    store = await open();
  });

  test('an account is found by its id, and by its address in any letter case', async () => {
    const ada = made(await create(store, somebody({ profile: { firstName: 'Ada', company: 'Acme' } })));
    expect(ada).toEqual({
      id: ada.id,
      email: ada.email,
      password: '$argon2id$1',
      profile: { firstName: 'Ada', lastName: '', company: 'Acme' },
      confirmedAt: NOON,
      tokenVersion: 0,
      createdAt: NOON,
    });
    expect(await findUser(store.db, ada.id)).toEqual(ada);
    expect(await findUserByEmail(store.db, ` ${ada.email.toUpperCase()}`)).toEqual(ada);
    expect(await findUserByEmail(store.db, ada.email.slice(1))).toBeUndefined();
  });

  test('an empty store has no account', async () => {
    const empty = await open();
    expect(await hasUsers(empty.db)).toBe(false);
    await create(empty, somebody());
    expect(await hasUsers(empty.db)).toBe(true);
  });

  test('an address has one account, whatever its letter case and however many sign up at once', async () => {
    const user = somebody();
    const { email } = user;
    const emails = [email, email.toUpperCase(), `${email} `, email.replace('acme', 'Acme'), email];
    const elsewhere = await openElsewhere(open, store);
    const results = await Promise.all(
      emails.map((email, place) => create(place % 2 === 0 ? store : elsewhere, { ...user, email })),
    );
    expect(results.filter((result) => result === 'conflict')).toHaveLength(4);
    expect(await findUserByEmail(store.db, email)).toMatchObject({ email });
  });

  test('nobody gets the address of another account, whatever its letter case', async () => {
    const ada = made(await create(store, somebody()));
    const bob = made(await create(store, somebody()));
    expect(await update(store, bob.id, { email: ada.email.toUpperCase() })).toBe('conflict');
    expect(await findUserByEmail(store.db, ada.email)).toEqual(ada);
    expect(await update(store, bob.id, { email: bob.email.toUpperCase() })).toEqual(bob);
    expect(await update(store, bob.id, { email: `new-${bob.email}` })).toEqual({
      ...bob,
      email: `new-${bob.email}`,
    });
  });

  test('a new password makes earlier tokens void, any other change does not', async () => {
    const ada = made(await create(store, somebody({ confirmedAt: null })));
    const profile = { lastName: 'Lovelace' };
    const renamed = { ...ada, profile: { ...ada.profile, ...profile }, confirmedAt: NOON + 1 };
    expect(await update(store, ada.id, { profile, confirmedAt: NOON + 1 })).toEqual(renamed);
    const changed = { ...renamed, password: '$argon2id$2', tokenVersion: 1 };
    expect(await update(store, ada.id, { password: '$argon2id$2' })).toEqual(changed);
    expect(await update(store, ada.id, {})).toEqual(changed);
    expect(await update(store, 'nobody', { password: '$argon2id$3' })).toBeUndefined();
  });

  describe('deleting an account', () => {
    test('takes it out of its organizations', async () => {
      const { organization, owner, user } = await fillOrganization(store);
      expect(await remove(store, user.id)).toEqual(user);
      expect(await findUser(store.db, user.id)).toBeUndefined();
      const members = await listMembers(store.db, organization.id);
      expect(members.map((member) => member.user)).toEqual([owner]);
      expect(await remove(store, user.id)).toBeUndefined();
    });

    test('is refused to the last owner of an organization', async () => {
      const { organization, owner } = await fillOrganization(store);
      expect(await remove(store, owner.id)).toBe('last owner');
      const bob = made(await create(store, somebody()));
      const place = { userId: bob.id, role: 'OWNER', access: 'EDIT', sources: undefined, now: NOON } as const;
      await store.change(OPERATOR, ({ db }) => addMember(db, { ...place, organizationId: organization.id }));
      expect(await remove(store, owner.id)).toEqual(owner);
      expect(await remove(store, bob.id)).toBe('last owner');
    });
  });

  test('an account is given up when nobody can confirm it any more, and not before', async () => {
    const { organization, user: invited } = await fillOrganization(store);
    await deleteMailTokens(store.db, invited.id, 'invitation');
    const confirmed = made(await create(store, somebody()));
    const signedUp = made(await create(store, somebody({ confirmedAt: null })));
    const link = { purpose: 'confirm', userId: signedUp.id, organizationId: undefined, now: NOON } as const;
    const { hash } = newToken();
    await addMailToken(store.db, { ...link, hash, email: signedUp.email, expiresAt: NOON + 1 });
    const keptOf = async (...users: readonly StoredUser[]) => {
      await store.change(OPERATOR, ({ db }) => deleteAbandonedUsers(db));
      const found = await Promise.all(users.map(({ id }) => findUser(store.db, id)));
      return found.filter((user) => user !== undefined);
    };
    expect(await keptOf(invited, confirmed, signedUp)).toEqual([invited, confirmed, signedUp]);
    await deleteMailTokens(store.db, signedUp.id, 'confirm');
    await store.change(OPERATOR, ({ db }) => removeMember(db, organization.id, invited.id));
    expect(await keptOf(invited, confirmed, signedUp)).toEqual([confirmed]);
  });
});
