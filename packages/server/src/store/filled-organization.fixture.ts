import { DESTINATIONS } from '@metarouter/destinations';
import { newId } from '../platform/ids.ts';
import { newToken } from '../platform/one-time-tokens.ts';
import { createApiKey, type StoredApiKey } from './api-keys.ts';
import { createConnection, type SecretRules, type StoredConnection } from './connections.ts';
import { addMailToken } from './mail-tokens.ts';
import { addMember } from './members.ts';
import { claimNotice } from './notices.ts';
import { createOrganization, type StoredOrganization } from './organizations.ts';
import { createPipeline, type StoredPipeline } from './pipelines.ts';
import { createSource, type StoredSource } from './sources.ts';
import { OPERATOR, type OpenTestStore, type TestStore } from './store.fixture.ts';
import type { Store } from './store.ts';
import { createUser, type StoredUser } from './users.ts';

/** An organization with one of everything that it can own, and two members. */
export interface FilledOrganization {
  readonly organization: StoredOrganization;
  readonly owner: StoredUser;
  /** A User who may see the source alone, and has not opened the invitation yet. */
  readonly user: StoredUser;
  readonly source: StoredSource;
  readonly connection: StoredConnection;
  readonly pipeline: StoredPipeline;
  readonly apiKey: StoredApiKey;
  /** The hashes of the API key and of the invitation. */
  readonly hashes: { readonly apiKey: string; readonly invitation: string };
}

/** The time at which everything is made, in milliseconds since 1970. */
export const NOON = 1_767_268_800_000;

/** A destination with fields that are secret (`secret`, `headers`) and one that is not (`urls`). */
export const WEBHOOKS = declared('webhooks');

/** Another one; its `apiKey` is secret. */
export const CUSTOMERIO = declared('customerio');

/** What is secret in a filled organization's connection. */
export const CANARY = 'canary-in-a-coal-mine';

/** Makes an organization, in one change, with a name and addresses that no other one has. */
export async function fillOrganization(store: Store): Promise<FilledOrganization> {
  const name = newId();
  return await store.change(OPERATOR, async ({ db, note }) => {
    const now = NOON;
    const hashes = { apiKey: newToken().hash, invitation: newToken().hash };
    const organization = await createOrganization(db, store.sealer, { name, now });
    const organizationId = organization.id;
    const [owner, user] = [
      made(
        await createUser(db, { email: `owner@${name}.example`, password: '$hash', confirmedAt: now, now }),
      ),
      made(await createUser(db, { email: `user@${name}.example`, password: null, confirmedAt: null, now })),
    ];
    const source = made(
      await createSource(db, { organizationId, name: 'Website', platform: 'analytics.js', now }),
    );
    await addMember(db, {
      organizationId,
      userId: owner.id,
      role: 'OWNER',
      access: 'EDIT',
      sources: undefined,
      now,
    });
    await addMember(db, {
      organizationId,
      userId: user.id,
      role: 'USER',
      access: 'VIEW',
      sources: [source.id],
      now,
    });
    await addMailToken(db, {
      hash: hashes.invitation,
      purpose: 'invitation',
      userId: user.id,
      organizationId,
      email: user.email,
      expiresAt: now + 1,
      now,
    });
    const details = { urls: [`https://${name}.example/hook`], headers: { authorization: CANARY } };
    const connection = made(
      await createConnection(db, store.sealer, WEBHOOKS, { organizationId, name: 'hooks', details, now }),
    );
    const pipeline = made(
      await createPipeline(db, {
        sourceId: source.id,
        connectionId: connection.id,
        name: 'Everything',
        config: { mode: 'batch' },
        filter: [{ name: 'Orders only', only: 'event = "Order Completed"' }],
        now,
      }),
    );
    await claimNotice(db, { pipelineId: pipeline.id, kind: 'paused', since: now }, now);
    const apiKey = await createApiKey(db, {
      organizationId,
      name: 'deploys',
      role: 'USER',
      hash: hashes.apiKey,
      beginning: 'mr_abcdef',
      createdBy: owner.id,
      now,
    });
    note({
      organization: organizationId,
      action: 'organization.created',
      target: organizationId,
      targetName: name,
    });
    return { organization, owner, user, source, connection, pipeline, apiKey, hashes };
  });
}

/** The same database as another process has it. SQLite's file has one process alone, so there it is the same store. */
export async function openElsewhere(open: OpenTestStore, store: TestStore): Promise<Store> {
  return store.options.databaseUrl === undefined ? store : await open(store.options);
}

/** What was made. Throws when nothing was. */
export function made<T extends object>(result: T | string | undefined): T {
  if (typeof result !== 'object') throw new Error(`it was not made: ${result}`);
  return result;
}

function declared(code: string): SecretRules {
  return made(DESTINATIONS.get(code));
}
