import { expect, test } from 'vitest';
import { NOON } from './filled-organization.fixture.ts';
import { listMembers } from './members.ts';
import { eachDatabase, OPERATOR } from './store.fixture.ts';
import { updateUser } from './users.ts';
import { ACME_ID, apply, OWNER } from './workspace-file.fixture.ts';

eachDatabase('the people of a workspace file', (open) => {
  const user = { email: 'user@acme.example', role: 'user' };

  test('are invited once, also who has an account', async () => {
    const store = await open();
    const first = await apply(store, { name: 'Acme', users: [OWNER] });
    expect(first).toEqual([{ email: OWNER.email, organization: 'Acme', token: expect.any(String) }]);
    const [{ userId = '' } = {}] = await listMembers(store.db, ACME_ID);
    await store.change(OPERATOR, ({ db }) => updateUser(db, userId, { confirmedAt: NOON }));
    const written = { ...OWNER, email: 'Owner@ACME.example' };
    expect(await apply(store, { name: 'Acme', users: [written] })).toEqual([]);
    expect(await apply(store, { name: 'Acme', users: [OWNER, user] })).toMatchObject([{ email: user.email }]);
    expect(await apply(store, { name: 'Other', users: [OWNER] })).toMatchObject([
      { email: OWNER.email, organization: 'Other', token: undefined },
    ]);
  });

  test('may hand over an organization, whatever their order in the file', async () => {
    const store = await open();
    await apply(store, { name: 'Acme', users: [OWNER, user] });
    const members = await listMembers(store.db, ACME_ID);
    await store.change(OPERATOR, async ({ db }) => {
      for (const { userId } of members) await updateUser(db, userId, { confirmedAt: NOON });
    });
    const swapped = [
      { ...OWNER, role: 'user' },
      { ...user, role: 'owner' },
    ];
    await apply(store, { name: 'Acme', users: swapped });
    const roles = (await listMembers(store.db, ACME_ID)).map((member) => [member.user.email, member.role]);
    expect(new Map(roles.map(([email, role]) => [email, role]))).toEqual(
      new Map([
        [OWNER.email, 'USER'],
        [user.email, 'OWNER'],
      ]),
    );
  });

  test.each([
    { left: 'become a User', wish: { ...OWNER, role: 'user' } },
    { left: 'be removed', wish: { ...OWNER, delete: true } },
  ])('the last owner who can act cannot $left', async ({ wish }) => {
    const store = await open();
    await apply(store, { name: 'Acme', users: [OWNER] });
    const [{ userId = '' } = {}] = await listMembers(store.db, ACME_ID);
    await store.change(OPERATOR, ({ db }) => updateUser(db, userId, { confirmedAt: NOON }));
    await expect(apply(store, { name: 'Acme', users: [wish, { ...user, role: 'owner' }] })).rejects.toThrow(
      "owner@acme.example is the organization's last Owner. Leave that as it is until another Owner has opened",
    );
  });
});
