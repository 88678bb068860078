import { beforeAll, expect, test } from 'vitest';
import {
  createApiKey,
  deleteApiKey,
  endApiKeysOf,
  findApiKey,
  findApiKeyByHash,
  keepApiKeyUse,
  listApiKeys,
} from './api-keys.ts';
import { listAuditEntries } from './audit.ts';
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
    const known = { createdByEmail: owner.email, createdAt: NOON + 1, lastUsedAt: null };
    expect(key).toEqual({ ...given, ...known, id: key.id });
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

  test('a person’s keys end in one organization alone, each in the audit log, and nobody else’s do', async () => {
    const { organization, owner, user, apiKey } = await fillOrganization(store);
    const other = await fillOrganization(store);
    const keyOf = (createdBy: string, organizationId: string, name: string) =>
      store.change(OPERATOR, ({ db }) =>
        createApiKey(db, {
          ...{ organizationId, name, role: 'USER', beginning: 'mr_123456', createdBy, now: NOON + 1 },
          hash: `${name} of ${organizationId}`,
        }),
      );
    const second = await keyOf(owner.id, organization.id, 'second');
    const others = await keyOf(user.id, organization.id, 'others');
    const elsewhere = await keyOf(owner.id, other.organization.id, 'elsewhere');
    const end = () => store.change(OPERATOR, (change) => endApiKeysOf(change, organization.id, owner.id));
    expect(await end()).toEqual([apiKey, second]);
    expect(await listApiKeys(store.db, organization.id)).toEqual([others]);
    expect(await listApiKeys(store.db, other.organization.id)).toEqual([other.apiKey, elsewhere]);
    const { entries } = await listAuditEntries(store.db, organization.id, { first: 2 });
    expect(entries).toMatchObject(
      [second, apiKey].map(({ id, name }) => ({
        action: 'api-key.revoked',
        target: id,
        targetName: name,
        details: { createdBy: owner.email, reason: 'Who made it is no Owner any more.' },
      })),
    );
    expect(await end()).toEqual([]);
  });

  test('a use is kept unless a later one is known, and is no change', async () => {
    const { apiKey } = await fillOrganization(store);
    const other = await fillOrganization(store);
    const version = await store.version();
    const usedAt = async (now: number) => {
      await keepApiKeyUse(store.db, apiKey.id, { now, unlessAfter: now - 10 });
      return (await findApiKey(store.db, apiKey.id))?.lastUsedAt;
    };
    expect(await usedAt(NOON)).toBe(NOON);
    expect(await usedAt(NOON + 9)).toBe(NOON);
    expect(await usedAt(NOON + 10)).toBe(NOON + 10);
    expect(await findApiKey(store.db, other.apiKey.id)).toMatchObject({ lastUsedAt: null });
    expect(await store.version()).toBe(version);
  });
});
