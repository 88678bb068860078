import type { Profile, StoredUser } from '../../store/users.ts';
import type { Caller } from '../caller.ts';
import { builder } from './builder.ts';

const UserProfile = builder.objectRef<Profile>('UserProfile').implement({
  description: 'What a person says about themselves.',
  fields: (t) => ({
    firstName: t.exposeString('firstName'),
    lastName: t.exposeString('lastName'),
    company: t.exposeString('company'),
  }),
});

/**
 * Only its holder sees more than the address: an organization can be given any address, and its owner would learn who has an
 * account, and what they are called.
 */
export const User = builder.objectRef<StoredUser>('User').implement({
  description: 'An account: one e-mail address. What others do not need to know is null for them.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false }),
    email: t.exposeString('email', { nullable: false }),
    profile: t.field({
      type: UserProfile,
      nullable: true,
      resolve: (user, _, { caller }) => (isOwn(user, caller) ? user.profile : null),
    }),
    confirmed: t.boolean({
      description: 'Whether the address is known to be theirs.',
      nullable: true,
      resolve: (user, _, { caller }) => (isOwn(user, caller) ? user.confirmedAt !== null : null),
    }),
    createdAt: t.field({
      type: 'Date',
      nullable: true,
      resolve: (user, _, { caller }) => (isOwn(user, caller) ? user.createdAt : null),
    }),
  }),
});

function isOwn({ id }: StoredUser, caller: Caller): boolean {
  return caller.kind === 'user' && caller.user.id === id;
}
