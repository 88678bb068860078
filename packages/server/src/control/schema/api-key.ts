import { newApiKey } from '../../platform/one-time-tokens.ts';
import { createApiKey, deleteApiKey, listApiKeys, type StoredApiKey } from '../../store/api-keys.ts';
import { edits, reads } from '../access.ts';
import { actorOf } from '../caller.ts';
import { nameFrom } from '../input.ts';
import { notFound } from '../refusal.ts';
import { builder } from './builder.ts';
import { RoleEnum } from './organization.ts';
import { done, StatusMessage } from './status-message.ts';

const ApiKey = builder.objectRef<StoredApiKey>('ApiKey').implement({
  description: 'What a program signs in with: it belongs to one organization, and does not expire.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false }),
    orgId: t.exposeID('organizationId', { nullable: false }),
    name: t.exposeString('name', { nullable: false }),
    role: t.expose('role', { type: RoleEnum, nullable: false }),
    beginning: t.exposeString('beginning', { description: 'Its first characters: all that is kept of it.' }),
    createdAt: t.expose('createdAt', { type: 'Date' }),
  }),
});

interface Created {
  readonly apiKey: StoredApiKey;
  readonly key: string;
}

const ApiKeyCreated = builder.objectRef<Created>('ApiKeyCreated').implement({
  description: 'A new API key.',
  fields: (t) => ({
    key: t.exposeString('key', {
      nullable: false,
      description: 'For the header `authorization`. It is shown this once.',
    }),
    apiKey: t.expose('apiKey', { type: ApiKey, nullable: false }),
  }),
});

builder.queryField('apiKeys', (t) =>
  t.field({
    type: [ApiKey],
    extensions: reads('organization', 'orgId', 'administration'),
    description: 'The API keys of an organization, oldest first.',
    args: { orgId: t.arg.id({ required: true }) },
    resolve: async (_, __, { services, grant }) => [
      ...(await listApiKeys(services.store.db, grant.organization)),
    ],
  }),
);

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: ApiKeyCreated,
    extensions: edits('organization', 'orgId', 'administration'),
    description: 'Makes an API key.',
    args: {
      orgId: t.arg.id({ required: true }),
      name: t.arg.string({ required: true }),
      role: t.arg({ type: RoleEnum, required: true }),
    },
    async resolve(_, args, { caller, address, services, grant }) {
      const name = nameFrom('name', args.name);
      const { key, hash, beginning } = newApiKey();
      const actor = actorOf(caller, address);
      const organizationId = grant.organization;
      const now = services.clock.now();
      const made = { organizationId, name, role: args.role, hash, beginning, createdBy: actor.id ?? '', now };
      const apiKey = await services.store.change(actor, async ({ db, note }) => {
        const stored = await createApiKey(db, made);
        const about = { organization: organizationId, target: stored.id, targetName: name };
        note({ ...about, action: 'api-key.created', details: { role: args.role } });
        return stored;
      });
      return { apiKey, key };
    },
  }),
  revokeApiKey: t.field({
    type: StatusMessage,
    extensions: edits('apiKey', 'id', 'administration'),
    description: 'Nobody gets in with this key any more.',
    args: { id: t.arg.id({ required: true }) },
    async resolve(_, __, { caller, address, services, grant }) {
      const { id, name, organizationId } = grant.apiKey;
      await services.store.change(actorOf(caller, address), async ({ db, note }) => {
        if ((await deleteApiKey(db, id)) === undefined) throw notFound('API key');
        note({ organization: organizationId, action: 'api-key.revoked', target: id, targetName: name });
      });
      return done(`The API key ${name} is revoked.`, id);
    },
  }),
}));
