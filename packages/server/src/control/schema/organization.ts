import { addMember, listMembers, type MemberWithUser } from '../../store/members.ts';
import {
  findOrganization,
  listOrganizations,
  type StoredOrganization,
  createOrganization as storeOrganization,
} from '../../store/organizations.ts';
import { edits, editsOwnPlace, person, signedIn } from '../access.ts';
import { actorOf } from '../caller.ts';
import { headerMembership, membershipOf } from '../guard.ts';
import { nameFrom } from '../input.ts';
import { changeOrganization } from '../organizations/change-organization.ts';
import { leaveOrganization } from '../organizations/leave-organization.ts';
import { Refusal } from '../refusal.ts';
import { builder } from './builder.ts';
import { done, StatusMessage } from './status-message.ts';
import { User } from './user.ts';

export const RoleEnum = builder.enumType('Role', {
  description: 'What somebody is in an organization.',
  values: {
    OWNER: { description: 'May do everything.' },
    USER: {
      description: 'May see or edit sources and pipelines, as granted, and never sees into connections.',
    },
  } as const,
});

const AccessEnum = builder.enumType('Access', {
  description: 'What a User may do with sources and pipelines.',
  values: { VIEW: {}, EDIT: {} } as const,
});

const Member = builder.objectRef<MemberWithUser>('Member').implement({
  description: "Somebody's place in an organization.",
  fields: (t) => ({
    user: t.expose('user', { type: User, nullable: false }),
    role: t.expose('role', { type: RoleEnum, nullable: false }),
    access: t.expose('access', { type: AccessEnum, nullable: false }),
    applications: t.field({
      type: ['ID'],
      nullable: true,
      description: 'The sources that `access` is for; null for all.',
      resolve: ({ sources }) => sources && [...sources],
    }),
    joinedAt: t.expose('createdAt', { type: 'Date' }),
  }),
});

const Organization = builder.objectRef<StoredOrganization>('Organization').implement({
  description: 'Owns sources, connections and pipelines.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false }),
    name: t.exposeString('name', { nullable: false }),
    createdAt: t.expose('createdAt', { type: 'Date' }),
    role: t.field({
      type: RoleEnum,
      description: 'What the caller is in it.',
      resolve: async ({ id }, _, { caller, services }) =>
        (await membershipOf(services.store.db, caller, id))?.role,
    }),
    members: t.field({
      type: [Member],
      description: 'Its people, who joined first first.',
      resolve: async ({ id }, _, { services }) => [...(await listMembers(services.store.db, id))],
    }),
  }),
});

const MemberInput = builder.inputType('MemberInput', {
  description: 'Somebody to add (by e-mail address) or to change (by user id).',
  fields: (t) => ({
    email: t.string(),
    userId: t.id(),
    role: t.field({ type: RoleEnum, description: 'USER when left out.' }),
    access: t.field({ type: AccessEnum, description: 'EDIT when left out.' }),
    applications: t.stringList({
      description: 'The sources that `access` is for; left out or null for all.',
    }),
  }),
});

builder.queryField('organizations', (t) =>
  t.field({
    type: [Organization],
    extensions: signedIn,
    description: 'The organizations of the caller: all, or the one with this id.',
    args: { orgId: t.arg.id(), userId: t.arg.id({ description: "The caller's own id, if given." }) },
    async resolve(_, { orgId, userId }, context) {
      const { caller, services } = context;
      const named = await headerMembership(context);
      const mine =
        caller.kind === 'key'
          ? [await findOrganization(services.store.db, caller.key.organizationId)]
          : await listOrganizations(services.store.db, context.grant.user.id);
      const isOther = typeof userId === 'string' && (caller.kind !== 'user' || caller.user.id !== userId);
      return mine
        .filter((found) => found !== undefined)
        .filter(({ id }) => !isOther && (orgId ?? id) === id && (named?.organization ?? id) === id);
    },
  }),
);

builder.mutationFields((t) => ({
  createOrganization: t.field({
    type: StatusMessage,
    extensions: person,
    description: 'Makes an organization that the caller owns.',
    args: {
      name: t.arg.string({ required: true }),
      userId: t.arg.id({ description: "The caller's own id, if given." }),
    },
    async resolve(_, { name: given, userId }, { caller, address, services, grant }) {
      const { user } = grant;
      const name = nameFrom('name', given);
      if (typeof userId === 'string' && userId !== user.id)
        throw new Refusal(
          'FORBIDDEN',
          'An organization is made by its owner: leave userId out, or give your own.',
        );
      const now = services.clock.now();
      const made = await services.store.change(actorOf(caller, address), async ({ db, note }) => {
        const organization = await storeOrganization(db, services.store.sealer, { name, now });
        const { id } = organization;
        const owner = { organizationId: id, userId: user.id, role: 'OWNER', access: 'EDIT' } as const;
        await addMember(db, { ...owner, sources: undefined, now });
        note({ organization: id, action: 'organization.created', target: id, targetName: name });
        return organization;
      });
      return done(`The organization ${name} is made, and you own it.`, made.id);
    },
  }),
  updateOrganization: t.field({
    type: StatusMessage,
    extensions: edits('organization', 'orgId', 'organization.write'),
    description: 'Changes or deletes an organization and its people. Owners only.',
    args: {
      orgId: t.arg.id({ required: true }),
      name: t.arg.string(),
      addUser: t.arg({
        type: MemberInput,
        description: 'By e-mail address. Who has no account is invited by mail and chooses a password.',
      }),
      changeUser: t.arg({
        type: MemberInput,
        description:
          'By user id. Who is no Owner any more loses the API keys that they made, as who is removed.',
      }),
      removeUser: t.arg.id({
        description: 'By user id. The API keys that this person made in the organization end with it.',
      }),
      delete: t.arg.boolean({ description: 'With all its sources, connections and pipelines.' }),
    },
    async resolve(_, { orgId: __, ...wish }, context) {
      return done(await changeOrganization(context, wish), context.grant.organization);
    },
  }),
  leaveOrganization: t.field({
    type: StatusMessage,
    extensions: editsOwnPlace('orgId'),
    description:
      'Gives up the own place in an organization, with the API keys that the caller made there. The last Owner cannot.',
    args: { orgId: t.arg.id({ required: true }) },
    async resolve(_, __, context) {
      return done(await leaveOrganization(context), context.grant.organization);
    },
  }),
}));
