import { expect, test } from 'vitest';
import {
  INVITATIONS_BY_A_PERSON_A_DAY,
  INVITATIONS_OF_AN_ORGANIZATION_A_DAY,
  MAILS_FROM_A_NETWORK_A_DAY,
  MAILS_TO_A_MAILBOX_A_DAY,
} from '../../platform/mail-limits.ts';
import { eachDatabase, type OpenTestStore } from '../../store/store.fixture.ts';
import { type Houston, openHouston, type Person, textAt, tokenIn } from '../houston.fixture.ts';

const ADA = 'ada@example.com';
const PASSWORD = 'the right password';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const STATUS = '{ success message code }';

/** What the log was told, beside the API itself. */
async function opened(open?: OpenTestStore) {
  const warnings: unknown[] = [];
  const logger = { warn: (message: string, fields = {}) => void warnings.push({ message, ...fields }) };
  return { houston: await openHouston(open, { logger }), warnings };
}

/** Asks without an account, a minute later each time: what is limited by the minute is not meant here. */
async function askLater({ ask, control }: Houston, mutation: string, from = '10.0.0.1'): Promise<unknown> {
  await control.clock.pass(MINUTE_MS);
  return ask(`mutation { ${mutation} ${STATUS} }`, { token: null, from });
}

const signUp = (email: string, password = PASSWORD) =>
  `createNewUser(email: "${email}", password: "${password}")`;
const requestReset = (email: string) => `requestPasswordReset(email: "${email}")`;

eachDatabase('mails about accounts', (open) => {
  test.each([
    ['sign-ups', 'sign up', signUp, false],
    ['sign-ups with an address that is known', 'sign up', signUp, true],
    ['requests for a new password', 'reset', requestReset, true],
  ])(
    'of %s one address gets 10 a day: beyond, the answer is the same and nothing is mailed',
    async (...given) => {
      const [, kind, mutation, isKnown] = given;
      const { houston, warnings } = await opened(open);
      await using _ = houston;
      if (isKnown) await houston.person(ADA, PASSWORD);
      const answers: unknown[] = [];
      for (let count = 0; count <= MAILS_TO_A_MAILBOX_A_DAY; count += 1) {
        expect(warnings).toEqual([]);
        answers.push(await askLater(houston, mutation(ADA)));
        await houston.mailsTo(ADA);
      }
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]).toMatchObject({ success: true });
      expect(await houston.mailsTo(ADA)).toHaveLength(MAILS_TO_A_MAILBOX_A_DAY);
      expect(warnings).toEqual([
        { message: expect.stringMatching(/this one is not sent/), kind, to: 'a…@example.com' },
      ]);
      await houston.control.clock.pass(DAY_MS);
      await askLater(houston, mutation(ADA));
      expect(await houston.mailsTo(ADA)).toHaveLength(MAILS_TO_A_MAILBOX_A_DAY + 1);
    },
  );

  test('whoever floods a mailbox ends no link in it: the last that was mailed works', async () => {
    const { houston } = await opened(open);
    await using _ = houston;
    await houston.person(ADA, PASSWORD);
    for (let count = 0; count < 2 * MAILS_TO_A_MAILBOX_A_DAY; count += 1)
      await askLater(houston, requestReset(ADA));
    const last = (await houston.mailsTo(ADA)).at(-1);
    const reset = `resetPassword(token: "${tokenIn(last)}", password: "the new password")`;
    expect(await askLater(houston, reset)).toMatchObject({ success: true });
  });

  test('whoever floods an address with sign-ups keeps nobody from an account: its holder chooses a password', async () => {
    const { houston } = await opened(open);
    await using _ = houston;
    for (let count = 0; count < 2 * MAILS_TO_A_MAILBOX_A_DAY; count += 1)
      await askLater(houston, signUp(ADA, 'chosen by somebody else'));
    await askLater(houston, requestReset(ADA));
    const last = (await houston.mailsTo(ADA)).at(-1);
    const reset = `resetPassword(token: "${tokenIn(last)}", password: "${PASSWORD}")`;
    expect(await askLater(houston, reset)).toMatchObject({ success: true });
    const signIn = (password: string) => `createToken(username: "${ADA}", password: "${password}")`;
    expect(await askLater(houston, signIn('chosen by somebody else'))).toMatchObject({ success: false });
    expect(await askLater(houston, signIn(PASSWORD))).toMatchObject({ success: true });
  });

  const move = async ({ ask, control }: Houston, { token }: Person, email: string) => {
    await control.clock.pass(MINUTE_MS);
    return ask(
      `mutation { updateUser(email: "${email}", currentPassword: "${PASSWORD}") { success code } }`,
      { token },
    );
  };
  const DONE = { success: true, code: null };

  test('a mailbox that is to be the new one of many accounts gets 10 mails of that a day, and nobody is told', async () => {
    const { houston, warnings } = await opened(open);
    await using _ = houston;
    for (let count = 0; count <= MAILS_TO_A_MAILBOX_A_DAY; count += 1) {
      const holder = await houston.person(`holder${count}@example.com`, PASSWORD);
      expect(await move(houston, holder, `bob+${count}@example.com`)).toEqual(DONE);
      // What was done to an account is told its holder in any case.
      expect(await houston.mailsTo(holder.email)).toHaveLength(1);
    }
    expect(await houston.mailsTo('bob+9@example.com')).toHaveLength(1);
    expect(await houston.mailsTo('bob+10@example.com')).toEqual([]);
    expect(warnings).toMatchObject([{ kind: 'new address' }]);
  });

  test('whoever has an account has no mails sent to more than 10 strangers a day with it', async () => {
    const { houston } = await opened(open);
    await using _ = houston;
    const holder = await houston.person(ADA, PASSWORD);
    for (let count = 0; count < MAILS_TO_A_MAILBOX_A_DAY; count += 1)
      expect(await move(houston, holder, `stranger${count}@example.com`)).toEqual(DONE);
    expect(await move(houston, holder, 'late@example.com')).toEqual({ success: false, code: 'RATE_LIMITED' });
    expect(await houston.mailsTo('late@example.com')).toEqual([]);
    expect(await houston.mailsTo(ADA)).toHaveLength(MAILS_TO_A_MAILBOX_A_DAY);
  });
});

test('from one network 500 mails a day are asked for, known addresses or not', async () => {
  await using houston = await openHouston();
  for (let count = 0; count < MAILS_FROM_A_NETWORK_A_DAY; count += 1)
    houston.control.services.mailLimits.takeRequest('10.0.0.1');
  const limited = {
    success: false,
    code: 'RATE_LIMITED',
    message: 'Too many mails were asked for from here today. Try again in 24 hours.',
  };
  for (const email of [ADA, 'owner@acme.example'])
    for (const mutation of [signUp(email), requestReset(email)])
      expect(
        await houston.ask(`mutation { ${mutation} ${STATUS} }`, { token: null, from: '10.0.0.1' }),
      ).toEqual(limited);
  expect(await askLater(houston, requestReset(ADA), '10.0.0.2')).toMatchObject({ success: true });
  expect(await askLater(houston, `createToken(username: "${ADA}", password: "${PASSWORD}")`)).toMatchObject({
    code: 'UNAUTHENTICATED',
  });
});

/** Invites somebody to an organization, by default to the fixture's, a minute after whatever was before. */
async function invite(
  { ask, control }: Houston,
  email: string,
  token?: string,
  organization = control.organization,
) {
  await control.clock.pass(MINUTE_MS);
  const mutation = `updateOrganization(orgId: "${organization}", addUser: { email: "${email}" })`;
  return ask(`mutation { ${mutation} ${STATUS} }`, { organization, token: token ?? (await control.token()) });
}

const LIMITED = {
  success: false,
  code: 'RATE_LIMITED',
  message: 'Too many people were invited today. Try again in 24 hours.',
};

test('a person invites 50 people a day, to all organizations together and with all keys', async () => {
  await using houston = await openHouston();
  const { control, ask, mailsTo } = houston;
  const made = await ask('mutation { createOrganization(name: "Another") { id } }');
  const another = textAt(made, 'id');
  const { mailLimits } = control.services;
  for (let count = 1; count < INVITATIONS_BY_A_PERSON_A_DAY; count += 1)
    mailLimits.takeInvitation({ to: `${count}@example.com`, inviter: control.user, organization: another });
  expect(await invite(houston, 'last@example.com')).toMatchObject({ success: true });
  const day = { ...LIMITED, message: expect.stringMatching(/in 24 hours\.$/) };
  expect(await invite(houston, 'late@example.com')).toEqual(day);
  expect(await invite(houston, 'late@example.com', undefined, another)).toEqual(day);
  expect(await invite(houston, 'late@example.com', control.key)).toEqual(day);
  expect(await mailsTo('late@example.com')).toEqual([]);
  const bob = await houston.member('bob@example.com', { role: 'OWNER' });
  expect(await invite(houston, 'late@example.com', bob.token)).toMatchObject({ success: true });
  await control.clock.pass(DAY_MS);
  expect(await invite(houston, 'next@example.com')).toMatchObject({ success: true });
});

test('to an organization 200 people are invited a day, by whomever', async () => {
  await using houston = await openHouston();
  const { organization, services } = houston.control;
  for (let count = 0; count < INVITATIONS_OF_AN_ORGANIZATION_A_DAY; count += 1)
    services.mailLimits.takeInvitation({ to: `${count}@example.com`, inviter: `${count}`, organization });
  expect(await invite(houston, 'late@example.com')).toEqual(LIMITED);
  expect(await houston.ask('{ organizations { members { user { email } } } }')).toEqual([
    { members: [{ user: { email: 'owner@acme.example' } }] },
  ]);
});

test('one address is invited 10 times a day, by whomever', async () => {
  await using houston = await openHouston();
  const { mailLimits } = houston.control.services;
  for (let count = 0; count < MAILS_TO_A_MAILBOX_A_DAY; count += 1)
    mailLimits.takeInvitation({ to: ADA, inviter: `${count}`, organization: `${count}` });
  expect(await invite(houston, 'Ada+again@example.com')).toEqual(LIMITED);
  expect(await invite(houston, 'bob@example.com')).toMatchObject({ success: true });
});
