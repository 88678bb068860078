import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachDatabase } from '../../store/store.fixture.ts';
import { findUserByEmail } from '../../store/users.ts';
import { type Houston, openHouston, textAt, tokenIn } from '../houston.fixture.ts';

const PASSWORD = 'password_string';
const DAY_MS = 86_400_000;
const TOKEN = '{ success message code token decoded { id issuedAt expiresAt } faults { field message } }';
const VOID = { success: false, code: 'NOT_FOUND', token: null, decoded: null };

eachDatabase('signing up', (open) => {
  let houston: Houston;
  let people = 0;
  beforeAll(async () => {
    houston = await openHouston(open);
  });
  afterAll(() => houston[Symbol.asyncDispose]());

  /** Each test has an address and a network of its own, so that none runs into another's limits. */
  function newcomer() {
    people += 1;
    const email = `new${people}@example.com`;
    const as = { token: null, organization: null, from: `10.0.${people}.1` };
    return {
      email,
      async signUp(password = PASSWORD, profile = '{}') {
        const query = `mutation($email: String!, $password: String!) {
          createNewUser(email: $email, password: $password, profile: ${profile}) ${TOKEN} }`;
        return houston.ask(query, { ...as, variables: { email, password } });
      },
      confirm: (token: string) =>
        houston.ask(`mutation { confirmEmail(token: "${token}") ${TOKEN} }`, {
          ...as,
          from: `10.1.${people}.1`,
        }),
      signIn: (password = PASSWORD) =>
        houston.ask(`mutation { createToken(username: "${email}", password: "${password}") ${TOKEN} }`, as),
      requestReset: () => houston.ask(`mutation { requestPasswordReset(email: "${email}") { success } }`, as),
      reset: (token: string, password: string) =>
        houston.ask(`mutation { resetPassword(token: "${token}", password: "${password}") ${TOKEN} }`, as),
      mails: () => houston.mailsTo(email),
      account: () => findUserByEmail(houston.control.services.store.db, email),
    };
  }

  const invite = (email: string) =>
    `mutation { updateOrganization(orgId: "${houston.control.organization}", addUser: { email: "${email}" }) { success } }`;

  test('a sign-up, its mailed link, and a token with which one is signed in', async () => {
    const ada = newcomer();
    const profile = '{ firstName: " Someone ", lastName: "New", company: "My Company" }';
    expect(await ada.signUp(PASSWORD, profile)).toEqual({
      success: true,
      message: `Open the link in the mail to ${ada.email}: then your account is ready.`,
      code: null,
      token: null,
      decoded: null,
      faults: [],
    });
    const [mail] = await ada.mails();
    expect(mail?.subject).toBe('Confirm your e-mail address');
    const confirmed = await ada.confirm(tokenIn(mail));
    // Tokens know whole seconds.
    const now = Math.floor(houston.control.clock.now() / 1_000) * 1_000;
    expect(confirmed).toMatchObject({
      success: true,
      code: null,
      decoded: { issuedAt: new Date(now).toISOString(), expiresAt: new Date(now + DAY_MS).toISOString() },
    });
    const me = '{ me { id email confirmed profile { firstName lastName company } } }';
    expect(await houston.ask(me, { token: textAt(confirmed, 'token'), organization: null })).toEqual({
      id: textAt(confirmed, 'decoded', 'id'),
      email: ada.email,
      confirmed: true,
      profile: { firstName: 'Someone', lastName: 'New', company: 'My Company' },
    });
    expect(await ada.signIn()).toMatchObject({ success: true, decoded: { id: (await ada.account())?.id } });
  });

  test('a known address is answered as an unknown one is, and its holder alone is told', async () => {
    const stranger = newcomer();
    const holder = newcomer();
    await houston.person(holder.email, 'the right password');
    const answers = [await stranger.signUp(), await holder.signUp()];
    expect(JSON.stringify(answers[1]).replaceAll(holder.email, stranger.email)).toBe(
      JSON.stringify(answers[0]),
    );
    expect((await stranger.mails()).map(({ subject }) => subject)).toEqual(['Confirm your e-mail address']);
    const [told, ...more] = await holder.mails();
    expect(told?.subject).toBe('You already have an account');
    expect(told?.text).not.toContain('token=');
    expect(more).toEqual([]);
  });

  test('who has not opened the link cannot sign in, and is answered as an unknown address is', async () => {
    const ada = newcomer();
    await ada.signUp();
    await ada.mails();
    const unknown = await newcomer().signIn();
    expect(unknown).toMatchObject({
      success: false,
      code: 'UNAUTHENTICATED',
      token: null,
      message: expect.stringContaining('open the link in the mail'),
    });
    expect(await ada.signIn()).toEqual(unknown);
    expect(await ada.signIn('another password')).toEqual(unknown);
  });

  test('a sign-up never changes the password of an account that is in use', async () => {
    const ada = newcomer();
    await houston.person(ada.email, 'the right password');
    const before = await ada.account();
    await ada.signUp('chosen by somebody else', '{ firstName: "Mallory" }');
    await ada.mails();
    expect(await ada.account()).toEqual(before);
    expect(await ada.signIn('the right password')).toMatchObject({ success: true });
  });

  test('a sign-up never chooses the password of somebody who was invited', async () => {
    const ada = newcomer();
    await houston.ask(invite(ada.email));
    await ada.signUp();
    const subjects = (await ada.mails()).map(({ subject }) => subject);
    expect(subjects).toEqual([expect.stringMatching(/Acme/), 'You already have an account']);
    expect(await ada.account()).toMatchObject({ password: null, confirmedAt: null });
  });

  test('an invitation takes nothing from who signed up with the address before: no password, name, or way in', async () => {
    const ada = newcomer();
    await ada.signUp('chosen by somebody else', '{ firstName: "Mallory", company: "Elsewhere" }');
    const [confirmation] = await ada.mails();
    await houston.ask(invite(ada.email));
    expect(await ada.confirm(tokenIn(confirmation))).toMatchObject(VOID);
    expect(await ada.signIn('chosen by somebody else')).toMatchObject({ code: 'UNAUTHENTICATED' });
    const nameless = { firstName: '', lastName: '', company: '' };
    expect(await ada.account()).toMatchObject({ password: null, profile: nameless, confirmedAt: null });
    const invitation = (await ada.mails()).find(({ subject }) => subject.includes('Acme'));
    expect(await ada.reset(tokenIn(invitation), 'her own password')).toMatchObject({ success: true });
    expect(await ada.account()).toMatchObject({ profile: nameless });
    expect(await ada.signIn('chosen by somebody else')).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await ada.signIn('her own password')).toMatchObject({ success: true });
  });

  test.each([
    ['the first', 0],
    ['the second', 1],
  ])('of two who sign up with an address, %s has the account when their link is opened', async (_, mine) => {
    const address = newcomer();
    const people = ['Ada', 'Mallory'].map((firstName) => ({
      firstName,
      password: `password of ${firstName}`,
    }));
    for (const { firstName, password } of people) {
      await address.signUp(password, `{ firstName: "${firstName}" }`);
      await address.mails();
    }
    const links = (await address.mails()).map(tokenIn);
    const [own, other] = mine === 0 ? people : people.toReversed();
    expect(await address.confirm(links[mine] ?? '')).toMatchObject({ success: true });
    expect(await address.account()).toMatchObject({
      profile: { firstName: own?.firstName, lastName: '', company: '' },
    });
    expect(await address.confirm(links[1 - mine] ?? '')).toMatchObject(VOID);
    expect(await address.signIn(own?.password)).toMatchObject({ success: true });
    expect(await address.signIn(other?.password)).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('who signs up once more after the address is confirmed changes nothing, and earlier links are over', async () => {
    const ada = newcomer();
    await ada.signUp();
    const [link] = (await ada.mails()).map(tokenIn);
    await ada.signUp('chosen by somebody else');
    const [, other] = (await ada.mails()).map(tokenIn);
    expect(await ada.confirm(link ?? '')).toMatchObject({ success: true });
    const before = await ada.account();
    await ada.signUp('chosen by somebody else', '{ firstName: "Mallory" }');
    expect((await ada.mails()).at(-1)?.subject).toBe('You already have an account');
    expect(await ada.confirm(other ?? '')).toMatchObject(VOID);
    expect(await ada.account()).toEqual(before);
  });

  test('a link to choose a password ends all sign-ups with the address', async () => {
    const ada = newcomer();
    await ada.signUp('chosen by somebody else', '{ firstName: "Mallory" }');
    await ada.requestReset();
    const [confirmation, reset] = (await ada.mails()).map(tokenIn);
    expect(await ada.reset(reset ?? '', 'her own password')).toMatchObject({ success: true });
    expect(await ada.confirm(confirmation ?? '')).toMatchObject(VOID);
    expect(await ada.account()).toMatchObject({ profile: { firstName: '' } });
    expect(await ada.signIn('her own password')).toMatchObject({ success: true });
  });

  test('a mail to confirm an address tells when and from where it was asked for, and nothing that a stranger wrote', async () => {
    const ada = newcomer();
    await ada.signUp(PASSWORD, '{ firstName: "Buy now", company: "at evil.example" }');
    const [mail] = await ada.mails();
    expect(mail?.text).toMatch(/on \d+ \w+ \d{4}.* from the network address 10\.0\.\d+\.1\./s);
    expect(mail?.text).not.toMatch(/Buy now|evil/);
  });

  test('a link works once, even when it is opened twice at the same moment', async () => {
    const ada = newcomer();
    await ada.signUp();
    const token = tokenIn((await ada.mails())[0]);
    const answers = await Promise.all([ada.confirm(token), ada.confirm(token)]);
    expect(answers).toContainEqual(expect.objectContaining({ success: true }));
    expect(answers).toContainEqual(expect.objectContaining(VOID));
    expect(await ada.confirm(token)).toMatchObject(VOID);
  });

  test('a link works for a day', async () => {
    const [ada, bob] = [newcomer(), newcomer()];
    await ada.signUp();
    await bob.signUp();
    const [inTime, late] = [tokenIn((await ada.mails())[0]), tokenIn((await bob.mails())[0])];
    await houston.control.clock.pass(DAY_MS - 1);
    expect(await ada.confirm(inTime)).toMatchObject({ success: true });
    await houston.control.clock.pass(1);
    expect(await bob.confirm(late)).toMatchObject(VOID);
    expect(await bob.account()).toMatchObject({ confirmedAt: null });
  });

  test.each([
    ['no address', { email: 'ada', password: PASSWORD }, 'email'],
    [
      'an address with another behind it',
      { email: 'ada@a.example,b@b.example', password: PASSWORD },
      'email',
    ],
    ['a short password', { email: 'ada@example.com', password: '1234567' }, 'password'],
    ['a password of a megabyte', { email: 'ada@example.com', password: 'x'.repeat(1_025) }, 'password'],
    [
      'a long name',
      { email: 'ada@example.com', password: PASSWORD, name: 'x'.repeat(201) },
      'profile.firstName',
    ],
    [
      'a name of two lines',
      { email: 'ada@example.com', password: PASSWORD, name: 'a\nb' },
      'profile.firstName',
    ],
    ['an address with a NUL', { email: 'a\0@example.com', password: PASSWORD }, 'email'],
    ['a name with a NUL', { email: 'ada@example.com', password: PASSWORD, name: 'a\0b' }, 'profile'],
  ])('%s is refused, and the answer names the field', async (_, variables, field) => {
    const query = `mutation($email: String!, $password: String!, $name: String) {
      createNewUser(email: $email, password: $password, profile: { firstName: $name }) ${TOKEN} }`;
    const answer = await houston.ask(query, { token: null, organization: null, variables });
    expect(answer).toMatchObject({ success: false, code: 'BAD_INPUT', faults: [{ field }] });
    expect(await houston.mailsTo(variables.email)).toEqual([]);
    expect(houston.control.bugs).toEqual([]);
  });
});

test('where accounts are made by invitation, nobody signs up', async () => {
  await using houston = await openHouston(undefined, { signUp: 'invited' });
  const query = `mutation { createNewUser(email: "ada@example.com", password: "${PASSWORD}") ${TOKEN} }`;
  expect(await houston.ask(query, { token: null })).toMatchObject({ success: false, code: 'FORBIDDEN' });
  expect(await houston.mailsTo('ada@example.com')).toEqual([]);
});
