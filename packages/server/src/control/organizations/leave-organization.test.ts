import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDatabase } from '../../store/store.fixture.ts';
import { type Houston, openHouston, type Person, textAt } from '../houston.fixture.ts';

const STATUS = '{ success message code id }';

eachDatabase('leaving an organization', (open) => {
  let houston: Houston;
  beforeEach(async () => {
    houston = await openHouston(open);
  });
  afterEach(() => houston[Symbol.asyncDispose]());

  const leave = (token?: string, organization?: string | null) =>
    houston.ask(`mutation { leaveOrganization(orgId: "${houston.control.organization}") ${STATUS} }`, {
      ...(token !== undefined && { token }),
      ...(organization !== undefined && { organization }),
    });
  const change = (wish: string) =>
    houston.ask(
      `mutation { updateOrganization(orgId: "${houston.control.organization}", ${wish}) ${STATUS} }`,
    );
  const keyMadeBy = async (token: string, name: string) =>
    textAt(
      await houston.ask(
        `mutation { createApiKey(orgId: "${houston.control.organization}", name: "${name}", role: OWNER) { key } }`,
        { token },
      ),
      'key',
    );
  const organizationsOf = (token: string) =>
    houston.ask('{ organizations { name } }', { token, organization: null });
  const endedKey = { action: 'api-key.revoked', details: { createdBy: 'ada@example.com' } };
  const UNAUTHENTICATED = { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] };

  test('a User is out with the next request, and the audit log says that they left', async () => {
    const ada = await houston.member('ada@example.com');
    expect(await leave(ada.token)).toEqual({
      success: true,
      message: 'You do not belong to Acme any more.',
      code: null,
      id: houston.control.organization,
    });
    expect(await organizationsOf(ada.token)).toEqual([]);
    expect(await leave(ada.token)).toMatchObject({ success: false, code: 'NOT_FOUND' });
    expect((await houston.audit())[0]).toMatchObject({
      action: 'member.left',
      actorId: ada.id,
      target: ada.id,
      targetName: ada.email,
    });
  });

  test('the last Owner stays, and is told what to do', async () => {
    await houston.member('ada@example.com');
    const before = await houston.audit();
    expect(await leave()).toMatchObject({
      success: false,
      code: 'CONFLICT',
      message: 'You are the last owner of this organization. Make somebody else an owner, or delete it.',
    });
    expect(await houston.audit()).toEqual(before);
    await houston.member('bob@example.com', { role: 'OWNER' });
    expect(await leave()).toMatchObject({ success: true });
  });

  test('an API key is nobody who could leave, and the header is needed', async () => {
    const ada = await houston.member('ada@example.com');
    expect(await leave(houston.control.key)).toMatchObject({ success: false, code: 'FORBIDDEN' });
    expect(await leave(ada.token, null)).toMatchObject({ success: false, code: 'BAD_INPUT' });
    expect(await organizationsOf(ada.token)).toEqual([{ name: 'Acme' }]);
  });

  test.each<[string, (ada: Person) => Promise<unknown>]>([
    ['leaves', (ada) => leave(ada.token)],
    ['is removed', (ada) => change(`removeUser: "${ada.id}"`)],
    ['is made a User', (ada) => change(`changeUser: { userId: "${ada.id}", role: USER }`)],
  ])('whoever %s loses the keys that they made, which are named; other keys work on', async (_, go) => {
    const ada = await houston.member('ada@example.com', { role: 'OWNER' });
    const deploys = await keyMadeBy(ada.token, 'Deploys');
    await houston.control.clock.pass(1);
    const keys = [deploys, await keyMadeBy(deploys, 'By a key')];
    for (const key of keys) expect(await organizationsOf(key)).toEqual([{ name: 'Acme' }]);
    expect(await go(ada)).toMatchObject({
      success: true,
      message: expect.stringContaining(' These API keys have ended with it: Deploys, By a key.'),
    });
    for (const key of keys) expect(await organizationsOf(key)).toMatchObject(UNAUTHENTICATED);
    expect(await organizationsOf(houston.control.key)).toEqual([{ name: 'Acme' }]);
    expect((await houston.audit()).slice(0, 2)).toMatchObject([endedKey, endedKey]);
  });
});
