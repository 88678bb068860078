import { argon2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Argon2Task, HASH_COST, Passwords, passwordFault, WAITING_MAX } from './passwords.ts';
import { phcString } from './phc-string.ts';

/** A thousandth of the real cost, for tests that are about something else. */
const CHEAP = { memory: 16, passes: 1, parallelism: 1 };
const SALT = Buffer.alloc(16);
const MATCHES = { matches: true, needsRehash: false };
const DOES_NOT = { matches: false, needsRehash: false };

/** Argon2 that writes down what it is asked, and whether it is ever asked for two at once. */
function recorded() {
  const asked: Argon2Task[] = [];
  let running = 0;
  const record = { asked, mostAtOnce: 0 };
  const work = async (algorithm: 'argon2id', task: Argon2Task) => {
    asked.push(task);
    running += 1;
    record.mostAtOnce = Math.max(record.mostAtOnce, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return argon2Sync(algorithm, task);
  };
  return { passwords: new Passwords(CHEAP, work), record };
}

async function hashed(passwords: Passwords, password: string): Promise<string> {
  const hash = await passwords.hash(password);
  if (hash === 'busy') throw new Error('expected a hash');
  return hash;
}

describe('hashing', () => {
  test("is argon2id at OWASP's cost, with a new salt each time", async () => {
    const passwords = new Passwords();
    const [one, other] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(other);
    expect(await passwords.verify('correct horse', one)).toEqual(MATCHES);
    expect(await passwords.verify('correct house', one)).toEqual(DOES_NOT);
  });

  test('a password matches its own hash and no other', async () => {
    const passwords = new Passwords(CHEAP);
    const password = fc.string({ unit: 'binary', minLength: 8 }).filter((text) => !passwordFault(text));
    await fc.assert(
      fc.asyncProperty(password, password, async (one, other) => {
        const hash = await hashed(passwords, one);
        expect(await passwords.verify(one, hash)).toEqual(MATCHES);
        const isSame = one.normalize('NFC') === other.normalize('NFC');
        expect(await passwords.verify(other, hash)).toEqual(isSame ? MATCHES : DOES_NOT);
      }),
    );
  });

  test('a password is the same from every keyboard', async () => {
    const passwords = new Passwords(CHEAP);
    expect(
      await passwords.verify('cre\u0300me bru\u0302le\u0301e', await hashed(passwords, 'crème brûlée')),
    ).toEqual(MATCHES);
  });
});

describe('a new password', () => {
  test.each([
    ['nothing', '', 'must have at least 8 characters'],
    ['7 letters', '1234567', 'must have at least 8 characters'],
    ['4 pictures of 2 units each', '🦊🦊🦊🦊', 'must have at least 8 characters'],
    ['4 letters with an accent each', 'e\u0301e\u0301e\u0301e\u0301', 'must have at least 8 characters'],
    ['8 letters', '12345678', undefined],
    ['8 pictures', '🦊'.repeat(8), undefined],
    ['1,024 bytes', 'x'.repeat(1024), undefined],
    ['1,025 bytes', 'x'.repeat(1025), 'must not be longer than 1024 bytes'],
    ['257 pictures of 4 bytes each', '🦊'.repeat(257), 'must not be longer than 1024 bytes'],
  ])('of %s', async (_, password, fault) => {
    expect(passwordFault(password)).toBe(fault);
    const hash = new Passwords(CHEAP).hash(password);
    if (fault === undefined) await expect(hash).resolves.toContain('$argon2id$');
    else await expect(hash).rejects.toThrow(fault);
  });
});

describe('checking', () => {
  test("takes hashes of the reference implementation, and says that today's cost is another", async () => {
    const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await new Passwords().verify('password', hash)).toEqual({ matches: true, needsRehash: true });
    expect(await new Passwords().verify('passwort', hash)).toEqual(DOES_NOT);
  });

  test.each([{ memory: 32 }, { passes: 2 }, { parallelism: 2 }])(
    'goes by the cost that the hash names, and asks for a new hash once %o is in force',
    async (change) => {
      const hash = await hashed(new Passwords(CHEAP), 'correct horse');
      const verdict = await new Passwords({ ...CHEAP, ...change }).verify('correct horse', hash);
      expect(verdict).toEqual({ matches: true, needsRehash: true });
    },
  );

  test('does the same work for an account that does not exist, and nothing matches', async () => {
    const { passwords, record } = recorded();
    const hash = await hashed(passwords, 'correct horse');
    record.asked.length = 0;
    expect(await passwords.verify('correct horse', hash)).toEqual(MATCHES);
    expect(await passwords.verify('correct horse', null)).toEqual(DOES_NOT);
    const [existing, missing] = record.asked;
    expect(missing).toEqual({ ...existing, nonce: expect.any(Buffer) });
    expect(missing?.nonce).toHaveLength(16);
  });

  test('a password that is too long is wrong, after the same work, even where its beginning is right', async () => {
    const { passwords, record } = recorded();
    const hash = await hashed(passwords, 'x'.repeat(1024));
    expect(await passwords.verify('x'.repeat(1025), hash)).toEqual(DOES_NOT);
    const empty = argon2Sync('argon2id', { ...CHEAP, message: '', nonce: SALT, tagLength: 32 });
    const ofNothing = phcString({ cost: CHEAP, salt: SALT, hash: empty });
    expect(await passwords.verify('x'.repeat(1025), ofNothing)).toEqual(DOES_NOT);
    expect(record.asked).toHaveLength(3);
  });

  test.each(['', 'correct horse', '$2b$10$abc', '$argon2i$v=19$m=16,t=1,p=1$c29tc2FsdA$CTFhFdXPJO0'])(
    'refuses %o for a stored hash without repeating it',
    async (stored) => {
      const verdict = new Passwords(CHEAP).verify('correct horse', stored);
      await expect(verdict).rejects.toThrow(
        /^A stored password is no argon2id hash in the PHC string format\.$/,
      );
    },
  );
});

describe('the line', () => {
  test('one is worked on at a time, 60 wait, and the next is told at once', async () => {
    const { passwords, record } = recorded();
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, index) => passwords.verify(`password ${index}`, null)),
    );
    expect(answers.map((answer) => answer !== 'busy').lastIndexOf(true)).toBe(WAITING_MAX);
    expect(answers.filter((answer) => answer === 'busy')).toHaveLength(80 - 1 - WAITING_MAX);
    expect(record.mostAtOnce).toBe(1);
    expect(record.asked).toHaveLength(1 + WAITING_MAX);
  });

  test('moves on when it was full, and when one of it failed', async () => {
    let isBroken = true;
    const passwords = new Passwords(CHEAP, async (algorithm, task) => {
      if (isBroken) throw new Error('out of memory');
      return argon2Sync(algorithm, task);
    });
    const full = Array.from({ length: 1 + WAITING_MAX }, () => passwords.hash('correct horse'));
    expect(await passwords.hash('correct horse')).toBe('busy');
    const outcomes = await Promise.allSettled(full);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    isBroken = false;
    expect(await passwords.hash('correct horse')).toContain('$argon2id$');
  });

  test('the cost in force is the documented one', () => {
    expect(HASH_COST).toEqual({ memory: 19_456, passes: 2, parallelism: 1 });
  });
});
