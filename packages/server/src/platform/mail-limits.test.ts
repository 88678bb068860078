import { expect, test } from 'vitest';
import {
  INVITATIONS_BY_A_PERSON_A_DAY,
  INVITATIONS_OF_AN_ORGANIZATION_A_DAY,
  MAIL_KEYS_MAX,
  MAILS_FROM_A_NETWORK_A_DAY,
  MAILS_TO_A_MAILBOX_A_DAY,
  MailLimits,
} from './mail-limits.ts';
import { VirtualClock } from './virtual-clock.ts';

const DAY_MS = 86_400_000;

function opened() {
  const clock = new VirtualClock();
  const limits = new MailLimits(clock);
  let strangers = 0;
  return {
    clock,
    limits,
    /** How many of so many mails at once may be sent. */
    mailed: (count: number, to: string, kind = 'reset') =>
      Array.from({ length: count }, () => limits.takeMail(kind, to)).filter(({ ok }) => ok).length,
    /** How many of so many people, each another one, may be invited. */
    invited: (count: number, inviter: string, organization: string) =>
      Array.from({ length: count }, () => {
        strangers += 1;
        return limits.takeInvitation({ to: `new${strangers}@example.com`, inviter, organization });
      }).filter(({ ok }) => ok).length,
  };
}

test('a mailbox gets 10 mails of a kind in any 24 hours', async () => {
  const { clock, mailed } = opened();
  expect(mailed(4, 'ada@example.com')).toBe(4);
  await clock.pass(DAY_MS / 2);
  expect(mailed(99, 'ada@example.com')).toBe(MAILS_TO_A_MAILBOX_A_DAY - 4);
  await clock.pass(DAY_MS / 2 - 1);
  expect(mailed(99, 'ada@example.com')).toBe(0);
  await clock.pass(1);
  expect(mailed(99, 'ada@example.com')).toBe(4);
  expect(mailed(99, 'bob@example.com')).toBe(MAILS_TO_A_MAILBOX_A_DAY);
});

test('who floods a mailbox with mails of one kind leaves room for those of another', () => {
  const { mailed, limits } = opened();
  mailed(99, 'ada@example.com', 'sign up');
  expect(mailed(99, 'ada@example.com', 'reset')).toBe(MAILS_TO_A_MAILBOX_A_DAY);
  const invitation = { to: 'ada@example.com', inviter: 'bob', organization: 'acme' };
  expect(limits.takeInvitation(invitation)).toEqual({ ok: true });
});

test.each([
  ['in other letter case', ' Ada@EXAMPLE.com'],
  ['with a word behind a plus', 'ada+news@example.com'],
  ['with several', 'ada+a+b@example.com'],
  ['in wide letters', 'ada@ｅxample.com'],
])('an address written %s is the same mailbox', (_, other) => {
  const { mailed } = opened();
  mailed(99, 'ada@example.com');
  expect(mailed(99, other)).toBe(0);
});

test('addresses of nothing but a plus, and those of other domains, are mailboxes of their own', () => {
  const { mailed } = opened();
  for (const address of ['+a@example.com', '+b@example.com', 'ada@example.com', 'ada@example.org'])
    expect(mailed(99, address)).toBe(MAILS_TO_A_MAILBOX_A_DAY);
});

test('from one network 500 mails are asked for in a day, whomever they are to', async () => {
  const { clock, limits } = opened();
  for (let count = 0; count < MAILS_FROM_A_NETWORK_A_DAY; count += 1)
    expect(limits.takeRequest(`2001:db8:1:2::${count.toString(16)}`)).toEqual({ ok: true });
  expect(limits.takeRequest('2001:db8:1:2:ffff::1')).toEqual({
    ok: false,
    retryAfterSeconds: DAY_MS / 1_000,
  });
  expect(limits.takeRequest('2001:db8:1:3::1')).toEqual({ ok: true });
  await clock.pass(DAY_MS);
  expect(limits.takeRequest('2001:db8:1:2:ffff::1')).toEqual({ ok: true });
});

test('a person invites 50 a day, to whatever organizations, and others invite on', () => {
  const { invited } = opened();
  expect(invited(30, 'ada', 'acme')).toBe(30);
  expect(invited(99, 'ada', 'another of hers')).toBe(INVITATIONS_BY_A_PERSON_A_DAY - 30);
  expect(invited(99, 'ada', 'a third')).toBe(0);
  expect(invited(99, 'bob', 'acme')).toBe(INVITATIONS_BY_A_PERSON_A_DAY);
});

test('to an organization 200 are invited a day, by whomever', () => {
  const { invited } = opened();
  const owners = ['ada', 'bob', 'eve', 'joe', 'kim'];
  expect(owners.map((owner) => invited(99, owner, 'acme'))).toEqual([50, 50, 50, 50, 0]);
  expect(invited(99, 'kim', 'another')).toBe(INVITATIONS_BY_A_PERSON_A_DAY);
  expect(INVITATIONS_OF_AN_ORGANIZATION_A_DAY).toBe(200);
});

test('an invitation that is refused costs nobody anything', () => {
  const { limits, mailed, invited } = opened();
  mailed(99, 'ada@example.com', 'invitation');
  for (let count = 0; count < 99; count += 1)
    limits.takeInvitation({ to: 'ada@example.com', inviter: 'bob', organization: 'acme' });
  expect(invited(99, 'bob', 'acme')).toBe(INVITATIONS_BY_A_PERSON_A_DAY);
});

test('of too many mailboxes the quietest is forgotten, and none is refused for it', () => {
  const { mailed } = opened();
  mailed(99, 'ada@example.com');
  let others = 0;
  for (let index = 0; index < MAIL_KEYS_MAX; index += 1) others += mailed(1, `user${index}@example.com`);
  expect(others).toBe(MAIL_KEYS_MAX);
  expect(mailed(99, 'ada@example.com')).toBe(MAILS_TO_A_MAILBOX_A_DAY);
  expect(mailed(99, `user${MAIL_KEYS_MAX - 1}@example.com`)).toBe(MAILS_TO_A_MAILBOX_A_DAY - 1);
});
