import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GUESS_KEYS_MAX, GUESSES_AN_ACCOUNT, GUESSES_AN_ADDRESS, GuessLimits } from './guess-limits.ts';
import { VirtualClock } from './virtual-clock.ts';

const MINUTE_MS = 60_000;

function opened() {
  const clock = new VirtualClock();
  const limits = new GuessLimits(clock);
  /** How many of so many guesses at once are let through. */
  const taken = (count: number, account: string | null, address: string, surface = 'login') =>
    Array.from({ length: count }, () => limits.take(surface, account, address)).filter(({ ok }) => ok).length;
  return { clock, limits, taken };
}

describe('an account', () => {
  test('has 5 guesses a minute, from wherever they come', () => {
    const { taken } = opened();
    const guesses = Array.from({ length: 9 }, (_, index) => taken(1, 'ann@acme.example', `10.0.0.${index}`));
    expect(guesses).toEqual([1, 1, 1, 1, 1, 0, 0, 0, 0]);
  });

  test('is the same however it is written', () => {
    const { taken } = opened();
    expect(taken(3, 'Ann@Acme.example', '10.0.0.1')).toBe(3);
    expect(taken(3, ' ann@ACME.EXAMPLE ', '10.0.0.2')).toBe(2);
  });

  test('is counted for each surface by itself', () => {
    const { taken } = opened();
    expect(taken(9, 'ann@acme.example', '10.0.0.1', 'login')).toBe(GUESSES_AN_ACCOUNT);
    expect(taken(9, 'ann@acme.example', '10.0.0.1', 'reset')).toBe(GUESSES_AN_ACCOUNT);
  });

  test('says after how many seconds the next guess is taken, and keeps to it', async () => {
    const { clock, limits, taken } = opened();
    expect(taken(1, 'ann@acme.example', '10.0.0.1')).toBe(1);
    await clock.pass(12_500);
    expect(taken(9, 'ann@acme.example', '10.0.0.1')).toBe(4);
    expect(limits.take('login', 'ann@acme.example', '10.0.0.1')).toEqual({
      ok: false,
      retryAfterSeconds: 48,
    });
    await clock.pass(47_499);
    expect(limits.take('login', 'ann@acme.example', '10.0.0.1')).toEqual({ ok: false, retryAfterSeconds: 1 });
    await clock.pass(1);
    expect(taken(9, 'ann@acme.example', '10.0.0.1')).toBe(1);
  });

  test('is free again a minute after its last guess, however often it was tried in between', async () => {
    const { clock, taken } = opened();
    for (let second = 0; second < 60; second += 1) {
      taken(100, 'ann@acme.example', '10.0.0.1');
      await clock.pass(1_000);
    }
    expect(taken(9, 'ann@acme.example', '10.0.0.2')).toBe(GUESSES_AN_ACCOUNT);
  });

  test('does not lock its holder out while strangers flood it', () => {
    const { limits, taken } = opened();
    limits.recognize('Ann@acme.example', '192.0.2.7');
    for (let index = 0; index < 100; index += 1) taken(9, 'ann@acme.example', `10.0.0.${index}`);
    expect(taken(9, 'ann@acme.example', '192.0.2.7')).toBe(GUESSES_AN_ACCOUNT);
    expect(taken(9, 'bob@acme.example', '192.0.2.7')).toBe(GUESSES_AN_ACCOUNT);
    expect(taken(9, 'bob@acme.example', '192.0.2.8')).toBe(0);
  });
});

describe('an address', () => {
  test('has 20 guesses a minute, at whatever accounts', () => {
    const { taken } = opened();
    const accounts = Array.from({ length: 30 }, (_, index) =>
      taken(1, `user${index}@acme.example`, '10.0.0.1'),
    );
    expect(accounts.lastIndexOf(1)).toBe(GUESSES_AN_ADDRESS - 1);
    expect(taken(1, 'user29@acme.example', '10.0.0.2')).toBe(1);
  });

  test('has them at no account in particular, too', () => {
    expect(opened().taken(99, null, '10.0.0.1')).toBe(GUESSES_AN_ADDRESS);
  });

  test('is not charged for a guess that its account refused, nor the account for one of the address', () => {
    const { taken } = opened();
    taken(99, 'ann@acme.example', '10.0.0.1');
    expect(taken(99, null, '10.0.0.1')).toBe(GUESSES_AN_ADDRESS - GUESSES_AN_ACCOUNT);
    expect(taken(99, 'bob@acme.example', '10.0.0.1')).toBe(0);
    expect(taken(99, 'bob@acme.example', '10.0.0.2')).toBe(GUESSES_AN_ACCOUNT);
  });

  test.each([
    ['of one IPv6 network are one', '2001:db8:1:2::1', '2001:DB8:1:2:ffff:ffff:ffff:ffff', 0],
    ['of two IPv6 networks are two', '2001:db8:1:2::1', '2001:db8:1:3::1', 20],
    ['in both notations of IPv4 are one', '192.0.2.7', '::ffff:192.0.2.7', 0],
    ['of IPv4 are one each', '192.0.2.7', '192.0.2.8', 20],
    ['that are none are compared as they are', '', 'unix', 20],
  ])('addresses %s', (_, one, other, left) => {
    const { taken } = opened();
    expect(taken(99, null, one)).toBe(GUESSES_AN_ADDRESS);
    expect(taken(99, null, other)).toBe(left);
  });
});

describe('memory', () => {
  test('holds what was quiet for two minutes no longer', async () => {
    const { clock, limits, taken } = opened();
    for (let index = 0; index < 1_000; index += 1) taken(1, `user${index}`, `10.0.0.${index}`);
    expect(limits.size).toBe(1_000 + 1_000);
    for (const _ of [1, 2]) {
      await clock.pass(MINUTE_MS);
      taken(1, 'ann', '10.0.1.1');
    }
    expect(limits.size).toBe(2);
  });

  test('is bounded: of too many addresses the quietest is forgotten, and nobody is refused for it', () => {
    const { limits, taken } = opened();
    expect(taken(99, null, 'the first')).toBe(GUESSES_AN_ADDRESS);
    let others = 0;
    for (let index = 0; index < GUESS_KEYS_MAX; index += 1) others += taken(1, null, `address ${index}`);
    expect(others).toBe(GUESS_KEYS_MAX);
    expect(limits.size).toBeLessThanOrEqual(GUESS_KEYS_MAX);
    expect(taken(99, null, 'the first')).toBe(GUESSES_AN_ADDRESS);
    expect(taken(99, null, `address ${GUESS_KEYS_MAX - 1}`)).toBe(GUESSES_AN_ADDRESS - 1);
  });
});

test('whatever comes when, no 60 seconds hold more than is allowed, and whoever waits as told is let in', async () => {
  const guess = fc.record({
    account: fc.constantFrom('ann', 'bob', null),
    address: fc.constantFrom('10.0.0.1', '10.0.0.2'),
    pause: fc.integer({ min: 0, max: 9_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(guess, { maxLength: 120 }), async (guesses) => {
      const { clock, limits } = opened();
      const taken: { account: string | null; address: string; at: number }[] = [];
      for (const { account, address, pause } of guesses) {
        await clock.pass(pause);
        let answer = limits.take('login', account, address);
        if (!answer.ok) {
          await clock.pass(answer.retryAfterSeconds * 1_000);
          answer = limits.take('login', account, address);
        }
        expect(answer).toEqual({ ok: true });
        const at = clock.monotonic();
        taken.push({ account, address, at });
        const recent = taken.filter((other) => other.at > at - MINUTE_MS);
        const ofAddress = recent.filter((other) => other.address === address);
        const ofAccount = recent.filter((other) => account !== null && other.account === account);
        expect(ofAddress.length).toBeLessThanOrEqual(GUESSES_AN_ADDRESS);
        expect(ofAccount.length).toBeLessThanOrEqual(GUESSES_AN_ACCOUNT);
      }
    }),
    { numRuns: 30 },
  );
});
