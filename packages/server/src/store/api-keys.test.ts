import { beforeAll, expect, test } from 'vitest';
import { createApiKey, deleteApiKey, findApiKey, findApiKeyByHash, listApiKeys } from './api-keys.ts';
import { fillOrganization, NOON } from './filled-organization.fixture.ts';
import { eachDatabase, OPERATOR, type TestStore } from './store.fixture.ts';

eachDatabase('API keys', (open) => {
  let store: TestStore;
  beforeAll(async () => {
    store = await open();
  });

  test('a key is found by its hash and its id, and listed in its organization alone', async () => {
    const { organization, owner, apiKey, hashes } = await fillOrganization(store);
    const other = await fillOrganization(store);
    const given = {
      organizationId: organization.id,
      name: 'reports',
      role: 'OWNER',
      beginning: 'mr_123456',
      createdBy: owner.id,
    } as const;
    const key = await store.change(OPERATOR, ({ db }) =>
      createApiKey(db, { ...given, hash: `hash of ${owner.id}`, now: NOON + 1 }),
    );
    expect(key).toEqual({ ...given, id: key.id, createdAt: NOON + 1 });
    expect(await findApiKeyByHash(store.db, `hash of ${owner.id}`)).toEqual(key);
    expect(await findApiKeyByHash(store.db, hashes.apiKey)).toEqual(apiKey);
    expect(await findApiKey(store.db, key.id)).toEqual(key);
    expect(await listApiKeys(store.db, organization.id)).toEqual([apiKey, key]);
    expect(await listApiKeys(store.db, other.organization.id)).toEqual([other.apiKey]);
  });

  test('a revoked key lets nobody in, and others still do', async () => {
    const { apiKey, hashes } = await fillOrganization(store);
    const other = await fillOrganization(store);
    const revoke = () => store.change(OPERATOR, ({ db }) => deleteApiKey(db, apiKey.id));
    expect(await revoke()).toEqual(apiKey);
    expect(await findApiKeyByHash(store.db, hashes.apiKey)).toBeUndefined();
    expect(await findApiKey(store.db, apiKey.id)).toBeUndefined();
    expect(await findApiKeyByHash(store.db, other.hashes.apiKey)).toEqual(other.apiKey);
    expect(await revoke()).toBeUndefined();
  });
});
