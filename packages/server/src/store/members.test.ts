import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../platform/ids.ts';
import {
  type FilledOrganization,
  fillOrganization,
  made,
  NOON,
  openElsewhere,
} from './filled-organization.fixture.ts';
import { takeMailToken } from './mail-tokens.ts';
import {
  addMember,
  changeMember,
  findMembership,
  listMembers,
  listMemberships,
  type MemberChange,
  removeMember,
} from './members.ts';
import { createOrganization } from './organizations.ts';
import { listOwnerless } from './owners.ts';
import { eachDatabase, OPERATOR, type TestStore } from './store.fixture.ts';
import type { Store } from './store.ts';
import { createUser, type StoredUser, updateUser } from './users.ts';

const OWNER = { role: 'OWNER', access: 'EDIT', sources: undefined, now: NOON } as const;

/** Adds one more owner, who may not have opened the invitation yet. */
async function addOwner(store: Store, { organization }: FilledOrganization, confirmedAt: number | null) {
  return await store.change(OPERATOR, async ({ db }) => {
    const user = { email: `${newId()}@acme.example`, password: null, confirmedAt, now: NOON };
    const second = made(await createUser(db, user));
    await addMember(db, { ...OWNER, organizationId: organization.id, userId: second.id });
    return second;
  });
}

const change = (store: Store, { organization }: FilledOrganization, user: StoredUser, to: MemberChange) =>
  store.change(OPERATOR, ({ db }) => changeMember(db, organization.id, user.id, to));
const remove = (store: Store, { organization }: FilledOrganization, user: StoredUser) =>
  store.change(OPERATOR, ({ db }) => removeMember(db, organization.id, user.id));
const ownersOf = async (store: Store, { organization }: FilledOrganization) =>
  (await listMembers(store.db, organization.id)).filter(({ role }) => role === 'OWNER');

eachDatabase('members', (open) => {
  let store: TestStore;
  beforeAll(async () => {
    store = await open();
  });

  test('a member has the place that was given, in that organization alone', async () => {
    const acme = await fillOrganization(store);
    const other = await fillOrganization(store);
    const { organization, owner, user, source } = acme;
    const frame = { organizationId: organization.id, createdAt: NOON };
    const places = {
      owner: { ...frame, userId: owner.id, role: 'OWNER', access: 'EDIT', sources: undefined },
      user: { ...frame, userId: user.id, role: 'USER', access: 'VIEW', sources: [source.id] },
    };
    expect(await findMembership(store.db, organization.id, user.id)).toEqual(places.user);
    expect(await findMembership(store.db, other.organization.id, user.id)).toBeUndefined();
    expect(await listMemberships(store.db, owner.id)).toEqual([places.owner]);
    const members = await listMembers(store.db, organization.id);
    expect(new Set(members)).toEqual(
      new Set([
        { ...places.owner, user: owner },
        { ...places.user, user },
      ]),
    );
  });

  test('nobody is twice in an organization', async () => {
    const { organization, user } = await fillOrganization(store);
    const again = { ...OWNER, organizationId: organization.id, userId: user.id };
    expect(await store.change(OPERATOR, ({ db }) => addMember(db, again))).toBe('conflict');
    expect(await findMembership(store.db, organization.id, user.id)).toMatchObject({ role: 'USER' });
  });

  test('of a place, what is named changes and the rest stays', async () => {
    const acme = await fillOrganization(store);
    const { user, source } = acme;
    expect(await change(store, acme, user, { access: 'EDIT' })).toMatchObject({
      role: 'USER',
      access: 'EDIT',
      sources: [source.id],
    });
    expect(await change(store, acme, user, { sources: [] })).toMatchObject({ access: 'EDIT', sources: [] });
    expect(await change(store, acme, user, { sources: null })).toMatchObject({ sources: undefined });
    expect(await change(store, acme, user, { role: 'OWNER' })).toMatchObject({ role: 'OWNER' });
    const { user: stranger } = await fillOrganization(store);
    expect(await change(store, acme, stranger, { role: 'OWNER' })).toBeUndefined();
  });

  test('who is removed has no place there and no way in, and is not touched elsewhere', async () => {
    const acme = await fillOrganization(store);
    const other = await fillOrganization(store);
    const { user, organization } = acme;
    const elsewhere = { ...OWNER, organizationId: other.organization.id, userId: user.id };
    await store.change(OPERATOR, ({ db }) => addMember(db, elsewhere));
    expect(await remove(store, acme, user)).toMatchObject({ userId: user.id });
    expect(await findMembership(store.db, organization.id, user.id)).toBeUndefined();
    expect(await takeMailToken(store.db, acme.hashes.invitation, 'invitation', NOON)).toBeUndefined();
    expect(await takeMailToken(store.db, other.hashes.invitation, 'invitation', NOON)).toBeDefined();
    expect(await listMemberships(store.db, user.id)).toHaveLength(1);
    expect(await remove(store, acme, user)).toBeUndefined();
  });

  describe('the last owner', () => {
    test('can neither leave nor become a User, whoever else belongs to the organization', async () => {
      const acme = await fillOrganization(store);
      await store.change(OPERATOR, ({ db }) => updateUser(db, acme.user.id, { confirmedAt: NOON }));
      expect(await remove(store, acme, acme.owner)).toBe('last owner');
      expect(await change(store, acme, acme.owner, { role: 'USER' })).toBe('last owner');
      expect(await change(store, acme, acme.owner, { role: 'OWNER' })).toMatchObject({ role: 'OWNER' });
      expect(await ownersOf(store, acme)).toHaveLength(1);
    });

    test('is the one who stays when two leave at once', async () => {
      const acme = await fillOrganization(store);
      const second = await addOwner(store, acme, NOON);
      // What one has read, the other must not change before it is done.
      const elsewhere = await openElsewhere(open, store);
      const results = await Promise.all([
        remove(store, acme, acme.owner),
        change(elsewhere, acme, second, { role: 'USER' }),
      ]);
      expect(results.filter((result) => result === 'last owner')).toHaveLength(1);
      expect(await ownersOf(store, acme)).toHaveLength(1);
    });

    test('cannot leave to one who has not opened the invitation, who can be removed', async () => {
      const acme = await fillOrganization(store);
      const invited = await addOwner(store, acme, null);
      expect(await remove(store, acme, acme.owner)).toBe('last owner');
      expect(await remove(store, acme, invited)).toMatchObject({ userId: invited.id });
    });

    test('may be chosen among those who are all invited', async () => {
      const acme = await fillOrganization(store);
      const confirmed = await addOwner(store, acme, NOON);
      await remove(store, acme, acme.owner);
      await store.db
        .updateTable('users')
        .set({ confirmed_at: null })
        .where('id', '=', confirmed.id)
        .execute();
      await change(store, acme, acme.user, { role: 'OWNER' });
      expect(await remove(store, acme, confirmed)).toMatchObject({ userId: confirmed.id });
      expect(await remove(store, acme, acme.user)).toBe('last owner');
    });
  });

  test('an organization has no owner until somebody is made one', async () => {
    const given = { name: 'Acme', now: NOON };
    const acme = await store.change(OPERATOR, ({ db }) => createOrganization(db, store.sealer, given));
    const { user } = await fillOrganization(store);
    const place = { organizationId: acme.id, userId: user.id };
    const ownerless = { id: acme.id, name: 'Acme' };
    expect(await listOwnerless(store.db)).toEqual([ownerless]);
    await store.change(OPERATOR, ({ db }) => addMember(db, { ...OWNER, ...place, role: 'USER' }));
    expect(await listOwnerless(store.db)).toEqual([ownerless]);
    await store.change(OPERATOR, ({ db }) => changeMember(db, acme.id, user.id, { role: 'OWNER' }));
    expect(await listOwnerless(store.db)).toEqual([]);
  });
});
