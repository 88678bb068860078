import { expect, test } from 'vitest';
import { GUESSES_AN_ACCOUNT, GUESSES_AN_ADDRESS } from '../../platform/guess-limits.ts';
import { Passwords, WAITING_MAX } from '../../platform/passwords.ts';
import { type Houston, openHouston } from '../houston.fixture.ts';

const LIMITED = { success: false, code: 'RATE_LIMITED' };

/** Every place where a password, a token or an address could be guessed; `email` is the account, where one is named. */
const SURFACES: readonly (readonly [name: string, mutation: (email: string) => string])[] = [
  ['createToken', (email) => `createToken(username: "${email}", password: "a wrong password")`],
  ['createNewUser', (email) => `createNewUser(email: "${email}", password: "a new password")`],
  ['requestPasswordReset', (email) => `requestPasswordReset(email: "${email}")`],
  ['confirmEmail', () => 'confirmEmail(token: "x")'],
  ['resetPassword', () => 'resetPassword(token: "x", password: "a new password")'],
  ['setUp', () => 'setUp(token: "x", email: "a@example.com", password: "a new password", organization: "x")'],
];
const ACCOUNTS = SURFACES.slice(0, 3);

const ask = ({ ask }: Houston, mutation: string, from: string, token: string | null = null) =>
  ask(`mutation { ${mutation} { success code message } }`, { token, from });

test.each(SURFACES)('%s can be tried 20 times a minute from an address', async (_, mutation) => {
  await using houston = await openHouston();
  for (let guess = 0; guess < GUESSES_AN_ADDRESS; guess += 1) {
    const answer = await ask(houston, mutation(`ada${guess}@example.com`), '10.0.0.1');
    expect(answer).not.toMatchObject(LIMITED);
  }
  expect(await ask(houston, mutation('bob@example.com'), '10.0.0.1')).toMatchObject(LIMITED);
  expect(await ask(houston, mutation('bob@example.com'), '10.0.0.2')).not.toMatchObject(LIMITED);
  await houston.control.clock.pass(60_000);
  expect(await ask(houston, mutation('eve@example.com'), '10.0.0.1')).not.toMatchObject(LIMITED);
});

test.each(ACCOUNTS)('%s can be tried 5 times a minute for an account, known or not', async (_, mutation) => {
  await using houston = await openHouston();
  await houston.person('ada@example.com', 'the right password');
  for (const email of ['ada@example.com', 'nobody@example.com']) {
    for (let guess = 0; guess < GUESSES_AN_ACCOUNT; guess += 1)
      expect(await ask(houston, mutation(email), `10.0.0.${guess}`)).not.toMatchObject(LIMITED);
    expect(await ask(houston, mutation(` ${email.toUpperCase()}`), '10.0.0.9')).toEqual({
      ...LIMITED,
      message: 'Too many tries. Try again in 60 seconds.',
    });
  }
  const others = SURFACES.filter(([, other]) => other !== mutation);
  for (const [, other] of others)
    expect(await ask(houston, other('ada@example.com'), '10.0.0.9')).not.toMatchObject(LIMITED);
});

test('whoever holds a token cannot try passwords with it for long', async () => {
  await using houston = await openHouston();
  const { token } = await houston.person('ada@example.com', 'the right password');
  const guess = (from: string, password = 'a wrong password') =>
    ask(houston, `updateUser(delete: true, currentPassword: "${password}")`, from, token);
  for (let from = 0; from < GUESSES_AN_ACCOUNT; from += 1)
    expect(await guess(`10.0.0.${from}`)).toMatchObject({ code: 'BAD_INPUT' });
  expect(await guess('10.0.0.9', 'the right password')).toMatchObject(LIMITED);
  expect(await ask(houston, 'updateUser(profile: { firstName: "Ada" })', '10.0.0.9', token)).toMatchObject({
    success: true,
  });
});

test('nobody is flooded with invitations, and one that is refused changes nothing', async () => {
  await using houston = await openHouston();
  const { organization } = houston.control;
  const invite = async (email: string, from: string) =>
    ask(
      houston,
      `updateOrganization(orgId: "${organization}", name: "Flood", addUser: { email: "${email}" })`,
      from,
      await houston.control.token(),
    );
  for (let from = 0; from < GUESSES_AN_ACCOUNT; from += 1) await invite('ada@example.com', `10.0.0.${from}`);
  await houston.ask(`mutation { updateOrganization(orgId: "${organization}", name: "Acme") { success } }`);
  expect(await invite('ada@example.com', '10.0.0.9')).toMatchObject(LIMITED);
  expect(await houston.ask('{ organizations { name } }')).toEqual([{ name: 'Acme' }]);
  expect(await houston.mailsTo('ada@example.com')).toHaveLength(1);
});

test('who signed in from an address before gets in while strangers try passwords', async () => {
  await using houston = await openHouston();
  await houston.person('ada@example.com', 'the right password');
  const signIn = (from: string, password: string) =>
    ask(houston, `createToken(username: "ada@example.com", password: "${password}")`, from);
  expect(await signIn('10.0.0.1', 'the right password')).toMatchObject({ success: true });
  for (let from = 2; from < 10; from += 1) await signIn(`10.0.0.${from}`, 'a wrong password');
  expect(await signIn('10.0.0.11', 'the right password')).toMatchObject(LIMITED);
  expect(await signIn('10.0.0.1', 'the right password')).toMatchObject({ success: true });
});

test('while too many passwords are being checked, others are sent away and nothing is changed', async () => {
  const gate = Promise.withResolvers<void>();
  let inWork = 0;
  const passwords = new Passwords({ memory: 8, passes: 1, parallelism: 1 }, async (_, { tagLength }) => {
    inWork += 1;
    await gate.promise;
    return Buffer.alloc(tagLength);
  });
  await using houston = await openHouston(undefined, { passwords });
  const waiting = Array.from({ length: WAITING_MAX + 1 }, () => passwords.verify('of somebody else', null));
  await Promise.resolve();
  for (const [name, mutation] of SURFACES.filter(([name]) => !/confirm|request|setUp/.test(name))) {
    expect(await ask(houston, mutation('ada@example.com'), '10.0.0.1'), name).toMatchObject({
      ...LIMITED,
      message: expect.stringMatching(/signing in/),
    });
  }
  expect(inWork).toBe(1);
  expect(await houston.mailsTo('ada@example.com')).toEqual([]);
  gate.resolve();
  await Promise.all(waiting);
});
