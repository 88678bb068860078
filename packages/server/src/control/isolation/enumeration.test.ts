import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachDatabase } from '../../store/store.fixture.ts';
import type { TestCaller } from './callers.fixture.ts';
import { accountsIn } from './people.fixture.ts';
import { MARKS } from './side.fixture.ts';
import { type Called, openWorld, type World } from './world.fixture.ts';

const KNOWN = `owner@${MARKS.B}.example`;
const PASSWORD = 'correct horse battery';

eachDatabase('who has an account', (open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(await open());
  });
  afterAll(() => world.close());

  /** Calls with each of the two addresses; what is answered is compared but for the address itself. */
  async function askWith(
    unknown: string,
    field: string,
    who: string,
    variables: (email: string) => Readonly<Record<string, unknown>>,
  ): Promise<readonly [Called, Called]> {
    const ask = async (email: string) => {
      const caller = callerNamed(who);
      const called = await world.call(
        field,
        caller,
        caller.kind === 'nobody' ? 'missing' : 'A',
        variables(email),
      );
      return { ...called, text: called.text.replaceAll(email, 'them'), data: undefined };
    };
    const both = [await ask(KNOWN), await ask(unknown)] as const;
    expect(world.bugs).toEqual([]);
    return both;
  }

  function callerNamed(name: string): TestCaller {
    const caller = world.callers.find((known) => known.name === name);
    if (caller === undefined) throw new Error(`there is no caller ${name}`);
    return caller;
  }

  function mailed(): readonly string[] {
    return world.mails.splice(0).map(({ to }) => to);
  }

  test('signing in does not tell, nor what the database has to do for it', async () => {
    const [known, unknown] = await askWith('a@example.com', 'Mutation.createToken', 'nobody', (username) => ({
      username,
      password: PASSWORD,
    }));
    expect(known.verdict).toBe('UNAUTHENTICATED');
    expect(known).toEqual(unknown);
  });

  test('signing up does not tell: the difference is in the mail, which its holder reads', async () => {
    const [known, unknown] = await askWith('b@example.com', 'Mutation.createNewUser', 'nobody', (email) => ({
      email,
      password: PASSWORD,
    }));
    expect(known.verdict).toBe('done');
    expect(known.text).toBe(unknown.text);
    expect(mailed()).toEqual([KNOWN, 'b@example.com']);
  });

  test('asking for a password reset does not tell', async () => {
    const [known, unknown] = await askWith(
      'c@example.com',
      'Mutation.requestPasswordReset',
      'nobody',
      (email) => ({
        email,
      }),
    );
    expect(known.verdict).toBe('done');
    expect(known.text).toBe(unknown.text);
    expect(mailed()).toEqual([KNOWN]);
  });

  test('adding somebody to an organization does not tell, nor does its list of people', async () => {
    const orgId = world.sides.A.organization;
    const [known, unknown] = await askWith(
      'd@example.com',
      'Mutation.updateOrganization',
      'an Owner of A',
      (email) => ({ orgId, addUser: { email } }),
    );
    expect(known.verdict).toBe('done');
    expect(known.text).toBe(unknown.text);
    expect(mailed()).toEqual([KNOWN, 'd@example.com']);
    const people = await accountsIn(world, callerNamed('an Owner of A'));
    const [first, second] = [KNOWN, 'd@example.com'].map((email) =>
      people.find((one) => one.email === email),
    );
    expect(first).toEqual({ ...second, id: first?.id, email: KNOWN });
  });
});
