import { expect, test } from 'vitest';
import { createOrganization, deleteOrganization } from '../../store/organizations.ts';
import { eachDatabase } from '../../store/store.fixture.ts';
import { deleteUser } from '../../store/users.ts';
import { OPERATOR } from '../control.fixture.ts';
import { type Asking, type Houston, openHouston, textAt, tokenIn } from '../houston.fixture.ts';

const TOKEN = '{ success code token faults { field } }';
const VOID = { success: false, code: 'NOT_FOUND', token: null, faults: [] };
const STRANGER: Asking = { token: null, organization: null };

eachDatabase('the first account', (open) => {
  /** As a server begins: nobody has an account. */
  async function openEmpty(): Promise<Houston> {
    const houston = await openHouston(open);
    const { services, organization, user } = houston.control;
    await services.store.change(OPERATOR, async ({ db }) => {
      await deleteOrganization(db, organization);
      await deleteUser(db, user);
    });
    return houston;
  }

  const setUp = ({ ask, control }: Houston, { email = 'ada@example.com', token = '', name = 'Acme' } = {}) =>
    ask(
      `mutation { setUp(token: "${token || control.services.setUp.token}", email: "${email}",
        password: "a good password", profile: { firstName: "Ada" }, organization: "${name}") ${TOKEN} }`,
      STRANGER,
    );

  test('is made with the link of the start-up text, is signed in, and owns a new organization', async () => {
    await using houston = await openEmpty();
    const answer = await setUp(houston);
    expect(answer).toMatchObject({ success: true, code: null });
    const token = textAt(answer, 'token');
    expect(await houston.ask('{ organizations { name role } }', { token, organization: null })).toEqual([
      { name: 'Acme', role: 'OWNER' },
    ]);
    expect(await houston.ask('{ me { email confirmed profile { firstName } } }', { token })).toEqual({
      email: 'ada@example.com',
      confirmed: true,
      profile: { firstName: 'Ada' },
    });
  });

  test('is made once', async () => {
    await using houston = await openEmpty();
    const both = await Promise.all([setUp(houston), setUp(houston, { email: 'bob@example.com' })]);
    expect(both).toContainEqual(VOID);
    expect(both).toContainEqual(expect.objectContaining({ success: true }));
    expect(await setUp(houston, { email: 'eve@example.com' })).toEqual(VOID);
  });

  test('is not made with another token', async () => {
    await using houston = await openEmpty();
    expect(await setUp(houston, { token: 'x'.repeat(43) })).toEqual(VOID);
    expect(await setUp(houston, { token: 'x' })).toEqual(VOID);
    expect(await setUp(houston)).toMatchObject({ success: true });
  });

  test('owns the organizations of the workspace file that nobody owns, instead of a new one', async () => {
    await using houston = await openEmpty();
    const { services, clock } = houston.control;
    const { store } = services;
    await store.change(OPERATOR, ({ db }) =>
      createOrganization(db, store.sealer, { name: 'Of the file', now: clock.now() }),
    );
    const token = textAt(await setUp(houston), 'token');
    expect(await houston.ask('{ organizations { name role } }', { token, organization: null })).toEqual([
      { name: 'Of the file', role: 'OWNER' },
    ]);
  });

  test('is not kept from whoever runs the server by strangers who sign up before', async () => {
    await using houston = await openEmpty();
    await houston.ask(
      `mutation { createNewUser(email: "ada@example.com", password: "of a stranger") { success } }`,
      STRANGER,
    );
    const [mail] = await houston.mailsTo('ada@example.com');
    expect(await setUp(houston)).toMatchObject({ success: true });
    const signIn = (password: string) =>
      houston.ask(
        `mutation { createToken(username: "ada@example.com", password: "${password}") ${TOKEN} }`,
        STRANGER,
      );
    expect(await signIn('of a stranger')).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await signIn('a good password')).toMatchObject({ success: true });
    const confirm = `mutation { confirmEmail(token: "${tokenIn(mail)}") ${TOKEN} }`;
    expect(await houston.ask(confirm, STRANGER)).toEqual(VOID);
  });

  test('with an input that cannot be used is refused, and the link works still', async () => {
    await using houston = await openEmpty();
    expect(await setUp(houston, { name: ' ' })).toMatchObject({
      code: 'BAD_INPUT',
      faults: [{ field: 'organization' }],
    });
    expect(await setUp(houston, { email: 'ada' })).toMatchObject({
      code: 'BAD_INPUT',
      faults: [{ field: 'email' }],
    });
    expect(await setUp(houston)).toMatchObject({ success: true });
  });
});
