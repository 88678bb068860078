import { afterEach, beforeEach, expect, test } from 'vitest';
import { newApiKey } from '../../platform/one-time-tokens.ts';
import { createApiKey } from '../../store/api-keys.ts';
import { eachDatabase, OPERATOR } from '../../store/store.fixture.ts';
import { updateUser } from '../../store/users.ts';
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
        { key apiKey { id orgId name role beginning createdBy lastUsedAt } } }`,
      token === undefined ? {} : { token },
    );
  const list = (token?: string) =>
    houston.ask(
      `{ apiKeys(orgId: "${houston.control.organization}") { id name role beginning createdBy lastUsedAt } }`,
      token === undefined ? {} : { token },
    );

  test('a key is shown once, works at once, and until it is revoked', async () => {
    const made = await create('USER');
    const [key, id] = [textAt(made, 'key'), textAt(made, 'apiKey', 'id')];
    expect(made).toMatchObject({
      apiKey: {
        orgId: houston.control.organization,
        name: 'CI',
        role: 'USER',
        beginning: key.slice(0, 9),
        createdBy: 'owner@acme.example',
        lastUsedAt: null,
      },
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

  test('a key tells when it was last used, to the hour, and no request waits for that', async () => {
    const key = textAt(await create('OWNER'), 'key');
    const { background, store } = houston.control.services;
    const { clock } = houston.control;
    const listAfterUse = async () => {
      await Promise.all([list(key), list(key)]);
      await background.settled();
      return await list();
    };
    const began = new Date(clock.now()).toISOString();
    const version = await store.version();
    expect(await listAfterUse()).toMatchObject([{ lastUsedAt: null }, { lastUsedAt: began }]);
    await clock.pass(3_599_000);
    expect(await listAfterUse()).toMatchObject([{ lastUsedAt: null }, { lastUsedAt: began }]);
    await clock.pass(1_000);
    const later = new Date(clock.now()).toISOString();
    expect(await listAfterUse()).toMatchObject([{ lastUsedAt: null }, { lastUsedAt: later }]);
    // Nobody has to load the configuration anew.
    expect(await store.version()).toBe(version);
  });

  test('what a key makes is its maker’s, at the address that they have then', async () => {
    const ada = await houston.member('ada@example.com', { role: 'OWNER' });
    const key = textAt(await create('OWNER', ada.token), 'key');
    await houston.control.services.store.change(OPERATOR, ({ db }) =>
      updateUser(db, ada.id, { email: 'lovelace@example.com' }),
    );
    await houston.control.clock.pass(1);
    await create('USER', key);
    expect(await list()).toMatchObject([
      { createdBy: 'owner@acme.example' },
      { createdBy: 'ada@example.com' },
      { createdBy: 'lovelace@example.com' },
    ]);
  });

  test('a key that outlived its maker’s place makes no others', async () => {
    const ada = await houston.person('ada@example.com');
    const { key, hash, beginning } = newApiKey();
    const { organization: organizationId, clock, services } = houston.control;
    await services.store.change(OPERATOR, ({ db }) =>
      createApiKey(db, {
        ...{ organizationId, name: 'Old', role: 'OWNER', hash, beginning },
        createdBy: ada.id,
        now: clock.now(),
      }),
    );
    expect(await create('OWNER', key)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect(await list(key)).toHaveLength(2);
  });
});
