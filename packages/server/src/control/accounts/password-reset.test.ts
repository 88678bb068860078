import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachDatabase } from '../../store/store.fixture.ts';
import { findUserByEmail } from '../../store/users.ts';
import { type Houston, openHouston, textAt, tokenIn } from '../houston.fixture.ts';

const [OLD, NEW] = ['the old password', 'the new password'];
const DAY_MS = 86_400_000;
const ANSWER = '{ success code token faults { field } }';
const VOID = { success: false, code: 'NOT_FOUND', token: null };

eachDatabase('choosing a new password', (open) => {
  let houston: Houston;
  let people = 0;
  beforeAll(async () => {
    houston = await openHouston(open);
  });
  afterAll(() => houston[Symbol.asyncDispose]());

  function somebody() {
    people += 1;
    const email = `ada${people}@example.com`;
    const as = { token: null, organization: null, from: `10.0.${people}.1` };
    return {
      email,
      requestReset: (given = email) =>
        houston.ask(`mutation { requestPasswordReset(email: "${given}") { success message code id } }`, as),
      reset: (token: string, password = NEW) =>
        houston.ask(`mutation { resetPassword(token: "${token}", password: "${password}") ${ANSWER} }`, as),
      signIn: (password: string) =>
        houston.ask(`mutation { createToken(username: "${email}", password: "${password}") ${ANSWER} }`, as),
      invite: () =>
        houston.ask(`mutation { updateOrganization(orgId: "${houston.control.organization}",
          addUser: { email: "${email}" }) { success } }`),
      mails: () => houston.mailsTo(email),
      me: (token: string) => houston.ask('{ me { email } }', { ...as, token }),
    };
  }

  test('a new password counts, the old one does not, and whoever had a session has none', async () => {
    const ada = somebody();
    const { token: session } = await houston.person(ada.email, OLD);
    expect(await ada.me(session)).toEqual({ email: ada.email });
    await ada.requestReset();
    const [mail] = await ada.mails();
    const answer = await ada.reset(tokenIn(mail));
    expect(answer).toMatchObject({ success: true, code: null });
    expect(await ada.me(textAt(answer, 'token'))).toEqual({ email: ada.email });
    expect(await ada.me(session)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(await ada.signIn(OLD)).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await ada.signIn(NEW)).toMatchObject({ success: true });
    const subjects = (await ada.mails()).map(({ subject }) => subject);
    expect(subjects).toEqual(['Choose a new password', 'Your password was changed']);
  });

  test('a known address and an unknown one are answered alike, and only the known one gets a mail', async () => {
    const [ada, nobody] = [somebody(), somebody()];
    await houston.person(ada.email, OLD);
    expect(await ada.requestReset(` ${ada.email.toUpperCase()} `)).toEqual(await nobody.requestReset());
    expect(await ada.mails()).toHaveLength(1);
    expect(await nobody.mails()).toEqual([]);
  });

  test('of several links the last one works, and works once', async () => {
    const ada = somebody();
    await houston.person(ada.email, OLD);
    await ada.requestReset();
    await ada.mails();
    await ada.requestReset();
    const [first, second] = (await ada.mails()).map(tokenIn);
    expect(await ada.reset(first ?? '')).toEqual({ ...VOID, faults: [] });
    expect(await ada.signIn(OLD)).toMatchObject({ success: true });
    expect(await ada.reset(second ?? '')).toMatchObject({ success: true });
    expect(await ada.reset(second ?? '', 'another new password')).toMatchObject(VOID);
    expect(await ada.signIn(NEW)).toMatchObject({ success: true });
  });

  test('a password that cannot be used is refused without using up the link', async () => {
    const ada = somebody();
    await houston.person(ada.email, OLD);
    await ada.requestReset();
    const token = tokenIn((await ada.mails())[0]);
    expect(await ada.reset(token, 'short')).toMatchObject({
      code: 'BAD_INPUT',
      faults: [{ field: 'password' }],
    });
    expect(await ada.reset(token)).toMatchObject({ success: true });
  });

  test('a link to reset works for a day, and an invitation for a week', async () => {
    const [ada, bob, eve] = [somebody(), somebody(), somebody()];
    await houston.person(ada.email, OLD);
    await ada.requestReset();
    await bob.invite();
    await eve.invite();
    const [reset, inTime, late] = [await ada.mails(), await bob.mails(), await eve.mails()].map(([mail]) =>
      tokenIn(mail),
    );
    await houston.control.clock.pass(DAY_MS);
    expect(await ada.reset(reset ?? '')).toMatchObject(VOID);
    await houston.control.clock.pass(6 * DAY_MS - 1);
    expect(await bob.reset(inTime ?? '')).toMatchObject({ success: true });
    await houston.control.clock.pass(1);
    expect(await eve.reset(late ?? '')).toMatchObject(VOID);
  });

  test('who was invited chooses a password, and sees the organization', async () => {
    const ada = somebody();
    await ada.invite();
    const answer = await ada.reset(tokenIn((await ada.mails())[0]));
    const organizations = await houston.ask('{ organizations { id role } }', {
      token: textAt(answer, 'token'),
    });
    expect(organizations).toEqual([{ id: houston.control.organization, role: 'USER' }]);
    expect((await ada.mails()).map(({ subject }) => subject)).toHaveLength(1);
  });

  test('a new password makes every other link void: of a reset, of an invitation, to another address', async () => {
    const ada = somebody();
    await ada.invite();
    await ada.requestReset();
    const [invitation, reset] = (await ada.mails()).map(tokenIn);
    const answer = await ada.reset(reset ?? '');
    expect(await ada.reset(invitation ?? '', 'another new password')).toMatchObject(VOID);
    const moved = somebody();
    await houston.ask(
      `mutation { updateUser(email: "${moved.email}", currentPassword: "${NEW}") { success } }`,
      { token: textAt(answer, 'token') },
    );
    const [confirmation] = (await moved.mails()).map(tokenIn);
    await ada.requestReset();
    const last = (await ada.mails()).findLast(({ subject }) => subject === 'Choose a new password');
    expect(await ada.reset(tokenIn(last))).toMatchObject({ success: true });
    const confirm = `mutation { confirmEmail(token: "${confirmation}") ${ANSWER} }`;
    expect(await houston.ask(confirm, { token: null })).toMatchObject(VOID);
  });

  test('a link that went to an address which the account has no more does not open it', async () => {
    const [ada, moved] = [somebody(), somebody()];
    const { token } = await houston.person(ada.email, OLD);
    await ada.requestReset();
    const [reset] = (await ada.mails()).map(tokenIn);
    await houston.ask(
      `mutation { updateUser(email: "${moved.email}", currentPassword: "${OLD}") { success } }`,
      { token },
    );
    const [confirmation] = (await moved.mails()).map(tokenIn);
    const confirm = `mutation { confirmEmail(token: "${confirmation}") ${ANSWER} }`;
    expect(await houston.ask(confirm, { token: null })).toMatchObject({ success: true });
    expect(await ada.reset(reset ?? '')).toMatchObject(VOID);
    expect(await moved.signIn(OLD)).toMatchObject({ success: true });
  });

  test('a link for one purpose is good for no other', async () => {
    const ada = somebody();
    await houston.person(ada.email, OLD);
    await ada.requestReset();
    const [reset] = (await ada.mails()).map(tokenIn);
    const confirm = `mutation { confirmEmail(token: "${reset}") ${ANSWER} }`;
    expect(await houston.ask(confirm, { token: null })).toMatchObject(VOID);
    expect(await ada.reset(reset ?? '')).toMatchObject({ success: true });
  });

  test('who never confirmed the address does so by choosing a new password with the mailed link', async () => {
    const ada = somebody();
    await ada.invite();
    await ada.requestReset();
    const [, reset] = (await ada.mails()).map(tokenIn);
    expect(await ada.reset(reset ?? '')).toMatchObject({ success: true });
    const { db } = houston.control.services.store;
    const confirmedAt = houston.control.clock.now();
    expect(await findUserByEmail(db, ada.email)).toMatchObject({ confirmedAt });
  });
});
