import { listOrganizations } from '../../store/organizations.ts';
import { listPipelines } from '../../store/pipelines.ts';
import {
  createSource,
  deleteSource,
  findSource,
  listSources,
  type StoredSource,
  updateSource,
} from '../../store/sources.ts';
import { PLATFORMS } from '../../store/workspace.ts';
import { edits, signedIn } from '../access.ts';
import { actorOf } from '../caller.ts';
import type { Context } from '../context.ts';
import { headerMembership, membershipOf } from '../guard.ts';
import { nameFrom, platformFrom } from '../input.ts';
import { badInput, notFound } from '../refusal.ts';
import { may } from '../roles.ts';
import { builder } from './builder.ts';
import { ClickstreamConfig } from './clickstream-config.ts';
import { done, StatusMessage } from './status-message.ts';

const Application = builder.objectRef<StoredSource>('Application').implement({
  description: 'A source: one site, app or server that sends events.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false, description: 'The Source ID, which is its write key.' }),
    appId: t.exposeID('id', { nullable: false, description: 'The same.' }),
    orgId: t.exposeID('organizationId', { nullable: false }),
    name: t.exposeString('name', { nullable: false }),
    platform: t.exposeString('platform', { nullable: false, description: `One of ${PLATFORMS.join(', ')}.` }),
    enabled: t.exposeBoolean('enabled', {
      nullable: false,
      description: 'A source that is not enabled takes no events.',
    }),
    createdAt: t.expose('createdAt', { type: 'Date' }),
    clickstreamConfigs: t.field({
      type: [ClickstreamConfig],
      description: 'Its pipelines, oldest first.',
      resolve: async ({ id }, _, { services }) => [...(await listPipelines(services.store.db, id))],
    }),
  }),
});

builder.queryField('applications', (t) =>
  t.field({
    type: [Application],
    extensions: signedIn,
    description:
      'The sources that the caller may see: all, those of one organization, or the one with this id.',
    args: { orgId: t.arg.id(), appId: t.arg.string() },
    async resolve(_, { orgId, appId }, context) {
      const { db } = context.services.store;
      const named = await headerMembership(context);
      const own =
        typeof appId === 'string'
          ? [await findSource(db, appId)]
          : (await Promise.all((await organizationsOf(context)).map((id) => listSources(db, id)))).flat();
      const visible: StoredSource[] = [];
      for (const source of own) {
        const organization = source?.organizationId ?? '';
        const membership = await membershipOf(db, context.caller, organization);
        if (source === undefined || membership === undefined) continue;
        const isWanted = (orgId ?? organization) === organization;
        const agrees = (named?.organization ?? organization) === organization;
        if (isWanted && agrees && may(membership, 'source.read', source.id)) visible.push(source);
      }
      return visible;
    },
  }),
);

/** The ids of the organizations that the caller belongs to. */
async function organizationsOf({ caller, grant, services }: Context): Promise<readonly string[]> {
  if (caller.kind === 'key') return [caller.key.organizationId];
  return (await listOrganizations(services.store.db, grant.user.id)).map(({ id }) => id);
}

builder.mutationFields((t) => ({
  createApplication: t.field({
    type: StatusMessage,
    extensions: edits('organization', 'orgId', 'source.write'),
    description:
      'Makes a source; `id` in the answer is its Source ID of 21 characters, which is its write key.',
    args: {
      name: t.arg.string({ required: true }),
      platform: t.arg.string({ required: true, description: `One of ${PLATFORMS.join(', ')}.` }),
      orgId: t.arg.id({ required: true }),
    },
    async resolve(_, args, { caller, address, services, grant }) {
      const name = nameFrom('name', args.name);
      const platform = platformFrom('platform', args.platform);
      const organizationId = grant.organization;
      const made = await services.store.change(actorOf(caller, address), async ({ db, note }) => {
        const source = await createSource(db, { organizationId, name, platform, now: services.clock.now() });
        if (source === 'conflict') throw new Error('a new Source ID was given before');
        note({
          organization: organizationId,
          action: 'source.created',
          target: source.id,
          targetName: name,
          details: { platform },
        });
        return source;
      });
      return done(`The source ${name} is made. Its Source ID is ${made.id}.`, made.id);
    },
  }),
  updateApplication: t.field({
    type: StatusMessage,
    extensions: edits('source', 'appId', 'source.write'),
    description: 'Changes, switches or deletes a source.',
    args: {
      appId: t.arg.string({ required: true }),
      name: t.arg.string(),
      enabled: t.arg.boolean(),
      delete: t.arg.boolean({
        description: 'With its pipelines. Events that wait for them are not sent any more.',
      }),
    },
    async resolve(_, args, { caller, address, services, grant }) {
      const { source } = grant;
      const name = typeof args.name === 'string' ? nameFrom('name', args.name) : undefined;
      const enabled = args.enabled ?? undefined;
      if (name === undefined && enabled === undefined && args.delete !== true)
        throw badInput([{ field: 'name', message: 'is missing, and so are enabled and delete' }]);
      const about = { organization: grant.organization, target: source.id, targetName: name ?? source.name };
      await services.store.change(actorOf(caller, address), async ({ db, note }) => {
        const changed =
          args.delete === true
            ? await deleteSource(db, source.id)
            : await updateSource(db, source.id, { name, enabled });
        if (changed === undefined) throw notFound('source');
        if (args.delete === true) note({ ...about, action: 'source.deleted' });
        else note({ ...about, action: 'source.updated', details: { name, enabled } });
      });
      const verb = args.delete === true ? 'deleted' : 'changed';
      return done(`The source ${about.targetName} is ${verb}.`, source.id);
    },
  }),
}));
