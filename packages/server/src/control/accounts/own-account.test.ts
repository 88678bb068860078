import { afterAll, beforeAll, expect, test } from 'vitest';
import { listMembers } from '../../store/members.ts';
import { eachDatabase } from '../../store/store.fixture.ts';
import { findUser, findUserByEmail } from '../../store/users.ts';
import { type Houston, openHouston, type Person, textAt, tokenIn, valueAt } from '../houston.fixture.ts';

const [OLD, NEW] = ['the old password', 'the new password'];
const STATUS = '{ success message code faults { field message } }';

eachDatabase('the own account', (open) => {
  let houston: Houston;
  let people = 0;
  beforeAll(async () => {
    houston = await openHouston(open);
  });
  afterAll(() => houston[Symbol.asyncDispose]());

  const nextAddress = () => {
    people += 1;
    return `ada${people}@example.com`;
  };
  const newPerson = () => houston.person(nextAddress(), OLD);
  /** Each asks from an address of its own. */
  const update = ({ token, id }: Person, wish: string) =>
    houston.ask(`mutation { updateUser(${wish}) ${STATUS} }`, { token, organization: null, from: id });
  const confirm = (token: string) =>
    houston.ask(`mutation { confirmEmail(token: "${token}") { success code token } }`, {
      token: null,
      from: token,
    });
  const account = ({ id }: Person) => findUser(houston.control.services.store.db, id);
  const isSignedIn = async ({ token, email }: Person) =>
    valueAt(await houston.ask('{ me { email } }', { token, organization: null }), 'email') === email;

  test('the profile changes without the password, and what is left out stays', async () => {
    const ada = await newPerson();
    await update(ada, 'profile: { firstName: "Ada", company: "Acme" }');
    expect(await update(ada, 'profile: { company: "", lastName: null }')).toMatchObject({ success: true });
    expect((await account(ada))?.profile).toEqual({ firstName: 'Ada', lastName: '', company: '' });
    expect(await isSignedIn(ada)).toBe(true);
  });

  test.each([
    ['the address', 'email: "other@example.com"'],
    ['the password', `password: "${NEW}"`],
    ['that there is an account', 'delete: true'],
  ])('%s changes for whoever knows the password alone', async (_, wish) => {
    const ada = await newPerson();
    const before = await account(ada);
    expect(await update(ada, wish)).toMatchObject({
      success: false,
      code: 'BAD_INPUT',
      faults: [{ field: 'currentPassword', message: expect.stringContaining('is missing') }],
    });
    expect(await update(ada, `${wish}, currentPassword: "${NEW}"`)).toMatchObject({
      success: false,
      code: 'BAD_INPUT',
      faults: [{ field: 'currentPassword', message: 'is not your password' }],
    });
    expect(await account(ada)).toEqual(before);
    expect(await houston.mailsTo(ada.email)).toEqual([]);
    expect(await houston.mailsTo('other@example.com')).toEqual([]);
  });

  test('a new password ends all sessions and mailed links, and its holder is told by mail', async () => {
    const ada = await newPerson();
    await houston.ask(`mutation { requestPasswordReset(email: "${ada.email}") { success } }`, {
      token: null,
      from: ada.id,
    });
    const [link] = (await houston.mailsTo(ada.email)).map(tokenIn);
    expect(await update(ada, `password: "${NEW}", currentPassword: "${OLD}"`)).toMatchObject({
      success: true,
    });
    expect(await isSignedIn(ada)).toBe(false);
    const signIn = `mutation { createToken(username: "${ada.email}", password: "${NEW}") { success } }`;
    expect(await houston.ask(signIn, { token: null })).toEqual({ success: true });
    expect((await houston.mailsTo(ada.email)).map(({ subject }) => subject)).toEqual([
      'Choose a new password',
      'Your password was changed',
    ]);
    const reset = `mutation { resetPassword(token: "${link}", password: "of somebody else") { code } }`;
    expect(await houston.ask(reset, { token: null, from: ada.id })).toEqual({ code: 'NOT_FOUND' });
  });

  test('a new address counts when its mailbox has shown that it is theirs; the old one is told at once', async () => {
    const ada = await newPerson();
    const next = nextAddress();
    const answer = await update(ada, `email: " ${next.toUpperCase()}", currentPassword: "${OLD}"`);
    expect(answer).toMatchObject({ success: true, message: expect.stringContaining(next) });
    expect(await account(ada)).toMatchObject({ email: ada.email });
    const [notice] = await houston.mailsTo(ada.email);
    expect(notice?.subject).toBe('Your e-mail address is about to change');
    expect(notice?.text).toContain(next);
    expect(notice?.text).not.toContain('token=');
    const [mail] = await houston.mailsTo(next);
    expect(await confirm(tokenIn(mail))).toMatchObject({ success: true });
    expect(await account(ada)).toMatchObject({ email: next });
  });

  test("an address of somebody else's account is answered like a free one, and gets no link", async () => {
    const [ada, bob] = [await newPerson(), await newPerson()];
    const free = nextAddress();
    const [taken, open] = [
      await update(ada, `email: "${bob.email}", currentPassword: "${OLD}"`),
      await update(ada, `email: "${free}", currentPassword: "${OLD}"`),
    ];
    expect(JSON.stringify(taken).replaceAll(bob.email, free)).toBe(JSON.stringify(open));
    expect(await houston.mailsTo(bob.email)).toEqual([]);
    expect(await houston.mailsTo(free)).toHaveLength(1);
  });

  test('an address that somebody else got meanwhile is not taken from them', async () => {
    const ada = await newPerson();
    const wanted = nextAddress();
    await update(ada, `email: "${wanted}", currentPassword: "${OLD}"`);
    const token = tokenIn((await houston.mailsTo(wanted))[0]);
    const bob = await houston.person(wanted);
    expect(await confirm(token)).toMatchObject({ success: false, code: 'CONFLICT', token: null });
    expect(await account(ada)).toMatchObject({ email: ada.email });
    expect(await account(bob)).toMatchObject({ email: wanted });
  });

  test('an address that somebody only signed up with is its holder’s: the sign-up is over when they confirm it', async () => {
    const ada = await newPerson();
    const wanted = nextAddress();
    const signUp = `mutation { createNewUser(email: "${wanted}", password: "of somebody else") { success } }`;
    await houston.ask(signUp, { token: null, from: wanted });
    const [pending] = (await houston.mailsTo(wanted)).map(tokenIn);
    await update(ada, `email: "${wanted}", currentPassword: "${OLD}"`);
    const move = (await houston.mailsTo(wanted)).at(-1);
    expect(await confirm(tokenIn(move))).toMatchObject({ success: true });
    expect(await account(ada)).toMatchObject({ email: wanted });
    expect(await confirm(pending ?? '')).toMatchObject({ success: false, code: 'NOT_FOUND' });
    const signIn = (password: string) =>
      houston.ask(`mutation { createToken(username: "${wanted}", password: "${password}") { success } }`, {
        token: null,
      });
    expect(await signIn('of somebody else')).toEqual({ success: false });
    expect(await signIn(OLD)).toEqual({ success: true });
  });

  test('an invited address is only for who opens the invitation, also when somebody moves to it', async () => {
    const [mallory, bob] = [await newPerson(), await newPerson()];
    const made = await houston.ask('mutation { createOrganization(name: "Ours") { id } }', {
      token: bob.token,
    });
    const organization = textAt(made, 'id');
    const wanted = nextAddress();
    await update(mallory, `email: "${wanted}", currentPassword: "${OLD}"`);
    const [move] = (await houston.mailsTo(wanted)).map(tokenIn);
    const invite = `updateOrganization(orgId: "${organization}", addUser: { email: "${wanted}", role: OWNER })`;
    await houston.ask(`mutation { ${invite} { success } }`, { token: bob.token, organization });
    const invitation = (await houston.mailsTo(wanted)).at(-1);
    expect(await confirm(move ?? '')).toMatchObject({ success: false, code: 'CONFLICT', token: null });
    expect(await account(mallory)).toMatchObject({ email: mallory.email });
    const open = `mutation { resetPassword(token: "${tokenIn(invitation)}", password: "${NEW}") { success } }`;
    expect(await houston.ask(open, { token: null, from: wanted })).toEqual({ success: true });
    expect(await confirm(move ?? '')).toMatchObject({ success: false, token: null });
    const { db } = houston.control.services.store;
    const members = (await listMembers(db, organization)).map(({ user }) => user.email);
    expect(members.toSorted()).toEqual([bob.email, wanted].toSorted());
  });

  test('a new address ends the links that went to the old one', async () => {
    const ada = await newPerson();
    const [next, back] = [nextAddress(), ada.email];
    await houston.ask(`mutation { requestPasswordReset(email: "${back}") { success } }`, {
      token: null,
      from: ada.id,
    });
    const [reset] = (await houston.mailsTo(back)).map(tokenIn);
    for (const email of [next, back]) {
      await update(ada, `email: "${email}", currentPassword: "${OLD}"`);
      const mail = (await houston.mailsTo(email)).findLast(({ subject }) => subject.startsWith('Confirm'));
      expect(await confirm(tokenIn(mail))).toMatchObject({ success: true });
    }
    const open = `mutation { resetPassword(token: "${reset}", password: "${NEW}") { code } }`;
    expect(await houston.ask(open, { token: null, from: ada.id })).toEqual({ code: 'NOT_FOUND' });
  });

  test('the own address is no new one', async () => {
    const ada = await newPerson();
    expect(await update(ada, `email: "${ada.email}", currentPassword: "${OLD}"`)).toMatchObject({
      code: 'BAD_INPUT',
      faults: [{ field: 'email', message: 'is your address already' }],
    });
    expect(await houston.mailsTo(ada.email)).toEqual([]);
  });

  test('with a new password and a new address at once, the link to the address works', async () => {
    const ada = await newPerson();
    const next = nextAddress();
    await update(ada, `email: "${next}", password: "${NEW}", currentPassword: "${OLD}"`);
    const token = tokenIn((await houston.mailsTo(next))[0]);
    expect(await confirm(token)).toMatchObject({ success: true });
  });

  test('who changes nothing is told so', async () => {
    const ada = await newPerson();
    expect(await update(ada, `currentPassword: "${OLD}"`)).toMatchObject({ code: 'BAD_INPUT' });
  });

  test('a deleted account is gone: its sessions, its place in organizations, its address is free', async () => {
    const ada = await houston.member(nextAddress());
    const { store, passwords } = houston.control.services;
    const bob = await newPerson();
    expect(await update(bob, `delete: true, currentPassword: "${OLD}"`)).toMatchObject({ success: true });
    expect(await isSignedIn(bob)).toBe(false);
    expect(await findUserByEmail(store.db, bob.email)).toBeUndefined();
    const hash = await passwords.hash(OLD);
    await store.db.updateTable('users').set({ password: hash }).where('id', '=', ada.id).execute();
    await update(ada, `delete: true, currentPassword: "${OLD}"`);
    expect(await houston.ask('{ organizations { members { user { email } } } }')).toEqual([
      { members: [{ user: { email: 'owner@acme.example' } }] },
    ]);
    expect(await houston.audit()).toMatchObject([
      { action: 'member.removed', actorId: ada.id, target: ada.id, targetName: ada.email, address: ada.id },
    ]);
  });

  test('the API keys that somebody made end with the account, in every organization', async () => {
    const ada = await newPerson();
    const organization = textAt(
      await houston.ask('mutation { createOrganization(name: "Towels") { id } }', {
        token: ada.token,
        organization: null,
      }),
      'id',
    );
    const key = textAt(
      await houston.ask(
        `mutation { createApiKey(orgId: "${organization}", name: "CI", role: OWNER) { key } }`,
        { token: ada.token, organization },
      ),
      'key',
    );
    const bob = await newPerson();
    const add = `mutation { updateOrganization(orgId: "${organization}", addUser: { email: "${bob.email}", role: OWNER }) ${STATUS} }`;
    expect(await houston.ask(add, { token: key, organization })).toMatchObject({ success: true });
    expect(await update(ada, `delete: true, currentPassword: "${OLD}"`)).toMatchObject({ success: true });
    const asKey = await houston.ask('{ organizations { id } }', { token: key, organization: null });
    expect(asKey).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect((await houston.audit(organization))[0]).toMatchObject({
      action: 'api-key.revoked',
      targetName: 'CI',
      details: { createdBy: ada.email },
    });
  });

  test('the last owner of an organization cannot delete the account, until somebody else owns it', async () => {
    const [ada, bob] = [await newPerson(), await newPerson()];
    const made = await houston.ask('mutation { createOrganization(name: "Ours") { id } }', {
      token: ada.token,
    });
    const organization = textAt(made, 'id');
    const deletion = `delete: true, currentPassword: "${OLD}"`;
    expect(await update(ada, deletion)).toMatchObject({ success: false, code: 'CONFLICT' });
    expect(await isSignedIn(ada)).toBe(true);
    await houston.ask(
      `mutation { updateOrganization(orgId: "${organization}", addUser: { email: "${bob.email}", role: OWNER }) { success } }`,
      { token: ada.token, organization },
    );
    expect(await update(ada, deletion)).toMatchObject({ success: true });
    expect(
      await houston.ask('{ organizations { id role } }', { token: bob.token, organization: null }),
    ).toEqual([{ id: organization, role: 'OWNER' }]);
  });

  test('an API key has no account of its own', async () => {
    const { key } = houston.control;
    const refused = { errors: [{ extensions: { code: 'FORBIDDEN' } }] };
    expect(await houston.ask('{ me { id } }', { token: key })).toMatchObject(refused);
    const update = `mutation { updateUser(profile: { firstName: "Key" }) ${STATUS} }`;
    expect(await houston.ask(update, { token: key })).toMatchObject({ success: false, code: 'FORBIDDEN' });
  });
});
