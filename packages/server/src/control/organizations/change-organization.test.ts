import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eachDatabase } from '../../store/store.fixture.ts';
import { findUserByEmail } from '../../store/users.ts';
import { type Houston, openHouston } from '../houston.fixture.ts';

const STATUS = '{ success message code id faults { field message } }';
const MEMBERS = '{ organizations { members { user { id email } role access applications } } }';

let houston: Houston;
afterEach(() => houston[Symbol.asyncDispose]());

const change = (wish: string, token?: string) =>
  houston.ask(
    `mutation { updateOrganization(orgId: "${houston.control.organization}", ${wish}) ${STATUS} }`,
    token === undefined ? {} : { token },
  );
const members = async () => houston.ask(MEMBERS);
/** What a member has beside the owner, who is first. */
const second = (member: object) => [{ members: [{ role: 'OWNER' }, member] }];

eachDatabase('the people of an organization', (open) => {
  beforeEach(async () => {
    houston = await openHouston(open);
  });

  test('somebody with an account is added, and told by mail without a token', async () => {
    const { email, id } = await houston.person('ada@example.com');
    expect(await change(`addUser: { email: "Ada@Example.com ", role: OWNER }`)).toMatchObject({
      success: true,
      id: houston.control.organization,
    });
    expect(await members()).toMatchObject(second({ user: { id, email }, role: 'OWNER', applications: null }));
    const [mail, ...more] = await houston.mailsTo(email);
    expect(mail?.text).toContain('Acme');
    expect(mail?.text).not.toContain('token=');
    expect(more).toEqual([]);
    expect((await houston.audit())[0]).toMatchObject({
      action: 'member.added',
      actorId: houston.control.user,
      actor: 'owner@acme.example',
      address: '127.0.0.1',
      target: id,
      targetName: email,
      details: { role: 'OWNER', access: 'EDIT', applications: null },
    });
  });

  test('somebody without an account gets one, with a link to choose a password, and reads the same answer', async () => {
    await houston.person('known@example.com');
    const known = await change('addUser: { email: "known@example.com" }');
    const unknown = await change('addUser: { email: "new@example.com" }');
    expect(JSON.stringify(unknown).replaceAll('new@', 'known@')).toBe(JSON.stringify(known));
    const { db } = houston.control.services.store;
    expect(await findUserByEmail(db, 'new@example.com')).toMatchObject({ password: null, confirmedAt: null });
    const [mail] = await houston.mailsTo('new@example.com');
    expect(mail?.text).toContain(`/invitation?token=`);
  });

  test('a new member may edit all sources, unless less is said', async () => {
    const { source } = houston.control;
    await change('addUser: { email: "ada@example.com" }');
    expect(await members()).toMatchObject(second({ role: 'USER', access: 'EDIT', applications: null }));
    const { id } = (await findUserByEmail(houston.control.services.store.db, 'ada@example.com')) ?? {};
    await change(`changeUser: { userId: "${id}", access: VIEW, applications: ["${source}", "${source}"] }`);
    expect(await members()).toMatchObject(second({ role: 'USER', access: 'VIEW', applications: [source] }));
    expect((await houston.audit())[0]).toMatchObject({
      action: 'member.updated',
      target: id,
      targetName: 'ada@example.com',
      details: { role: 'USER', access: 'VIEW', applications: [source] },
    });
    await change(`changeUser: { userId: "${id}", role: OWNER }`);
    expect(await members()).toMatchObject(second({ role: 'OWNER', access: 'VIEW', applications: [source] }));
    await change(`changeUser: { userId: "${id}", applications: null }`);
    expect(await members()).toMatchObject(second({ role: 'OWNER', access: 'VIEW', applications: null }));
  });

  test('what a member may do counts from the next request on', async () => {
    const ada = await houston.member('ada@example.com');
    const { organization, source } = houston.control;
    const rename = () =>
      houston.ask(`mutation { updateApplication(appId: "${source}", name: "Ours") ${STATUS} }`, {
        token: ada.token,
      });
    expect(await rename()).toMatchObject({ success: true });
    await change(`changeUser: { userId: "${ada.id}", access: VIEW }`);
    expect(await rename()).toMatchObject({ code: 'FORBIDDEN' });
    await change(`changeUser: { userId: "${ada.id}", applications: [] }`);
    expect(await houston.ask('{ applications { id } }', { token: ada.token })).toEqual([]);
    await change(`removeUser: "${ada.id}"`);
    expect(await rename()).toMatchObject({ code: 'NOT_FOUND' });
    expect(await houston.ask('{ organizations { id } }', { token: ada.token, organization: null })).toEqual(
      [],
    );
    expect((await houston.audit(organization))[0]).toMatchObject({
      action: 'member.removed',
      target: ada.id,
      targetName: ada.email,
    });
  });

  test('the invitation of somebody who was removed opens nothing', async () => {
    await change('addUser: { email: "ada@example.com" }');
    const [mail] = await houston.mailsTo('ada@example.com');
    const token = /token=([\w-]+)/.exec(mail?.text ?? '')?.[1];
    const { id } = (await findUserByEmail(houston.control.services.store.db, 'ada@example.com')) ?? {};
    await change(`removeUser: "${id}"`);
    const reset = `mutation { resetPassword(token: "${token}", password: "a new password") { success code } }`;
    expect(await houston.ask(reset, { token: null })).toEqual({ success: false, code: 'NOT_FOUND' });
  });

  test('the last owner stays one', async () => {
    const { user } = houston.control;
    await houston.member('ada@example.com');
    await change('addUser: { email: "invited@example.com", role: OWNER }');
    const before = await houston.audit();
    for (const wish of [`removeUser: "${user}"`, `changeUser: { userId: "${user}", role: USER }`])
      expect(await change(wish)).toMatchObject({ success: false, code: 'CONFLICT' });
    expect(await houston.audit()).toEqual(before);
    const { id, token } = await houston.member('bob@example.com', { role: 'OWNER' });
    expect(await change(`removeUser: "${user}"`, token)).toMatchObject({ success: true });
    expect(await change(`removeUser: "${id}"`, token)).toMatchObject({ code: 'CONFLICT' });
  });

  test('a User sees who is in it, as an address and no more, and changes nothing', async () => {
    const ada = await houston.member('ada@example.com');
    const query =
      '{ organizations { members { user { id email profile { firstName } confirmed createdAt } } } }';
    const own = { id: ada.id, email: ada.email, profile: { firstName: '' }, confirmed: true };
    expect(await houston.ask(query, { token: ada.token })).toMatchObject([
      {
        members: [
          { user: { email: 'owner@acme.example', profile: null, confirmed: null, createdAt: null } },
          { user: own },
        ],
      },
    ]);
    for (const wish of ['name: "Ours"', `removeUser: "${ada.id}"`, 'delete: true'])
      expect(await change(wish, ada.token)).toMatchObject({ success: false, code: 'FORBIDDEN' });
  });

  test('an organization that is deleted is gone with what it owns, and its people keep their accounts', async () => {
    const ada = await houston.member('ada@example.com');
    expect(await change('delete: true')).toMatchObject({ success: true });
    expect(await houston.ask('{ applications { id } }', { organization: null })).toEqual([]);
    expect(await houston.ask('{ me { email } }', { token: ada.token })).toEqual({ email: ada.email });
    expect((await houston.audit())[0]).toMatchObject({ action: 'organization.deleted', targetName: 'Acme' });
    const asKey = await houston.ask('{ organizations { id } }', {
      token: houston.control.key,
      organization: null,
    });
    expect(asKey).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });

  test('whoever makes an organization owns it, and makes it for nobody else', async () => {
    const ada = await houston.person('ada@example.com');
    const create = (args: string) =>
      houston.ask(`mutation { createOrganization(${args}) ${STATUS} }`, {
        token: ada.token,
        organization: null,
      });
    expect(await create(`name: " Towels ", userId: "${ada.id}"`)).toMatchObject({ success: true });
    expect(await create(`name: "Mine", userId: "${houston.control.user}"`)).toMatchObject({
      success: false,
      code: 'FORBIDDEN',
    });
    expect(await create('name: ""')).toMatchObject({ code: 'BAD_INPUT', faults: [{ field: 'name' }] });
    const mine = (args = '') =>
      houston.ask(`{ organizations${args} { name role } }`, { token: ada.token, organization: null });
    expect(await mine()).toEqual([{ name: 'Towels', role: 'OWNER' }]);
    expect(await mine(`(userId: "${ada.id}")`)).toEqual([{ name: 'Towels', role: 'OWNER' }]);
    expect(await mine(`(userId: "${houston.control.user}")`)).toEqual([]);
    expect(await mine(`(orgId: "${houston.control.organization}")`)).toEqual([]);
  });
});

describe('a change of people that cannot be made', () => {
  beforeEach(async () => {
    houston = await openHouston();
  });

  test.each([
    ['an address that is none', 'addUser: { email: "ada" }', 'BAD_INPUT', ['addUser.email']],
    ['nobody', 'addUser: { role: OWNER }', 'BAD_INPUT', ['addUser.email']],
    [
      'sources of nobody',
      'addUser: { email: "ada@example.com", applications: ["a", "b"] }',
      'BAD_INPUT',
      ['addUser.applications[0]', 'addUser.applications[1]'],
    ],
    ['a member once more', 'addUser: { email: "owner@acme.example" }', 'CONFLICT', []],
    ['a change of nobody', 'changeUser: { userId: "nobody", role: OWNER }', 'NOT_FOUND', []],
    ['a removal of nobody', 'removeUser: "nobody"', 'NOT_FOUND', []],
    ['an empty name', 'name: " "', 'BAD_INPUT', ['name']],
    ['a long name', `name: "${'x'.repeat(201)}"`, 'BAD_INPUT', ['name']],
    ['nothing', 'name: null', 'BAD_INPUT', ['name']],
    ['a good name with a bad member', 'name: "New", removeUser: "nobody"', 'NOT_FOUND', []],
  ])('%s is refused, and nothing is changed', async (_, wish, code, fields) => {
    const before = [await houston.audit(), await members(), await houston.ask('{ organizations { name } }')];
    expect(await change(wish)).toMatchObject({
      success: false,
      code,
      faults: fields.map((field) => ({ field })),
    });
    expect(await houston.mailsTo('ada@example.com')).toEqual([]);
    expect([await houston.audit(), await members(), await houston.ask('{ organizations { name } }')]).toEqual(
      before,
    );
    expect(houston.control.bugs).toEqual([]);
  });
});
