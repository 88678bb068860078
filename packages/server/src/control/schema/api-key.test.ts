import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDatabase } from '../../store/store.fixture.ts';
import { type Houston, openHouston, textAt } from '../houston.fixture.ts';

const STATUS = '{ success message code id faults { field } }';

eachDatabase('API keys', (open) => {
  let houston: Houston;
  beforeEach(async () => {
    houston = await openHouston(open);
  });
  afterEach(() => houston[Symbol.asyncDispose]());

  const create = (role: string, token?: string) =>
    houston.ask(
      `mutation { createApiKey(orgId: "${houston.control.organization}", name: " CI ", role: ${role})
        { key apiKey { id orgId name role beginning } } }`,
      token === undefined ? {} : { token },
    );
  const list = (token?: string) =>
    houston.ask(
      `{ apiKeys(orgId: "${houston.control.organization}") { id name role beginning } }`,
      token === undefined ? {} : { token },
    );

  test('a key is shown once, works at once, and until it is revoked', async () => {
    const made = await create('USER');
    const [key, id] = [textAt(made, 'key'), textAt(made, 'apiKey', 'id')];
    expect(made).toMatchObject({
      apiKey: { orgId: houston.control.organization, name: 'CI', role: 'USER', beginning: key.slice(0, 9) },
    });
    expect(await list()).toMatchObject([{ name: 'Script' }, { id, name: 'CI', beginning: key.slice(0, 9) }]);
    expect(JSON.stringify([await list(), await houston.audit()])).not.toContain(key.slice(9));
    const rename = `mutation { updateApplication(appId: "${houston.control.source}", name: "Ours") ${STATUS} }`;
    expect(await houston.ask(rename, { token: key })).toMatchObject({ success: true });
    expect((await houston.audit())[0]).toMatchObject({ actor: 'API key CI', actorId: id });
    const revoke = `mutation { revokeApiKey(id: "${id}") ${STATUS} }`;
    expect(await houston.ask(revoke)).toMatchObject({ success: true, id });
    expect(await houston.ask(rename, { token: key })).toMatchObject({
      success: false,
      code: 'UNAUTHENTICATED',
    });
    expect((await houston.audit())[0]).toMatchObject({ action: 'api-key.revoked', targetName: 'CI' });
    expect(await houston.ask(revoke)).toMatchObject({ success: false, code: 'NOT_FOUND' });
  });

  test('a key of a User does what Users may, and makes no keys', async () => {
    const key = textAt(await create('USER'), 'key');
    const forbidden = { errors: [{ extensions: { code: 'FORBIDDEN' } }] };
    expect(await create('OWNER', key)).toMatchObject(forbidden);
    expect(await list(key)).toMatchObject(forbidden);
    expect(await houston.ask('{ organizations { name role } }', { token: key, organization: null })).toEqual([
      { name: 'Acme', role: 'USER' },
    ]);
  });

  test('a key is not shown to Users, and has a name', async () => {
    const { token } = await houston.member('ada@example.com');
    expect(await create('USER', token)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    const nameless = await houston.ask(
      `mutation { createApiKey(orgId: "${houston.control.organization}", name: "", role: USER) { key } }`,
    );
    expect(nameless).toMatchObject({
      errors: [{ extensions: { code: 'BAD_INPUT', faults: [{ field: 'name' }] } }],
    });
    expect(await list()).toHaveLength(1);
  });
});
