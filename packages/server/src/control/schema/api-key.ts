import { newApiKey } from '../../platform/one-time-tokens.ts';
import { createApiKey, deleteApiKey, listApiKeys, type StoredApiKey } from '../../store/api-keys.ts';
import { findMembership } from '../../store/members.ts';
import { edits, reads } from '../access.ts';
import { actorOf, type Caller } from '../caller.ts';
import { nameFrom } from '../input.ts';
import { notFound, Refusal } from '../refusal.ts';
import { builder } from './builder.ts';
import { RoleEnum } from './organization.ts';
import { done, StatusMessage } from './status-message.ts';

const ApiKey = builder.objectRef<StoredApiKey>('ApiKey').implement({
  description:
    'What a program signs in with: it belongs to one organization, and works until it is revoked or the person who made it is ' +
    'no Owner of the organization any more.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false }),
    orgId: t.exposeID('organizationId', { nullable: false }),
    name: t.exposeString('name', { nullable: false }),
    role: t.expose('role', { type: RoleEnum, nullable: false }),
    beginning: t.exposeString('beginning', { description: 'Its first characters: all that is kept of it.' }),
    createdBy: t.exposeString('createdByEmail', {
      nullable: true,
      description:
        'The e-mail address that whoever made it had then. What an API key makes counts as made by the person who made that ' +
        'key. Null when it was the operator, or is not known.',
    }),
    createdAt: t.expose('createdAt', { type: 'Date' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'Date',
      nullable: true,
      description: 'When it was last used, to the hour; null when it never was.',
    }),
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
    description:
      'Makes an API key. It ends when the person who makes it leaves, is removed, or is made a User.',
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
      const createdBy = makerOf(caller);
      const made = { organizationId, name, role: args.role, hash, beginning, createdBy, now };
      const apiKey = await services.store.change(actor, async ({ db, note }) => {
        // Their place may have been taken away since this was asked for, and their keys with it.
        if ((await findMembership(db, organizationId, createdBy))?.role !== 'OWNER')
          throw new Refusal(
            'FORBIDDEN',
            'Only an Owner, or a key that an Owner has made, can make API keys.',
          );
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

/** The person whose key it will be: behind each key there is one. */
function makerOf(caller: Caller): string {
  switch (caller.kind) {
    case 'anonymous':
      return '';
    case 'user':
      return caller.user.id;
    case 'key':
      return caller.key.createdBy;
  }
}
