import type { ProfileChange } from '../../store/users.ts';
import { open, person } from '../access.ts';
import { type AccountChange, changeAccount } from '../accounts/own-account.ts';
import { requestPasswordReset, resetPassword } from '../accounts/password-reset.ts';
import { setUp } from '../accounts/set-up.ts';
import { signIn } from '../accounts/sign-in.ts';
import { confirmEmail, signUp } from '../accounts/sign-up.ts';
import type { DecodedToken, TokenAnswer } from '../accounts/token.ts';
import { lineFrom } from '../input.ts';
import { builder } from './builder.ts';
import { done, FieldFaultType, StatusMessage } from './status-message.ts';
import { User } from './user.ts';

const DecodedTokenType = builder.objectRef<DecodedToken>('DecodedToken').implement({
  description: 'What a token says.',
  fields: (t) => ({
    id: t.exposeID('id', { description: "The user's id." }),
    issuedAt: t.expose('issuedAt', { type: 'Date' }),
    expiresAt: t.expose('expiresAt', { type: 'Date', description: '24 hours later.' }),
  }),
});

const Token = builder.objectRef<TokenAnswer>('Token').implement({
  description: 'What came of signing in.',
  fields: (t) => ({
    success: t.exposeBoolean('success', { nullable: false }),
    message: t.exposeString('message', { description: 'What happened, for people.' }),
    code: t.exposeString('code', { nullable: true, description: 'Why it was not done, for programs.' }),
    faults: t.field({
      type: [FieldFaultType],
      description: 'What is wrong with which argument.',
      resolve: ({ faults }) => faults ?? [],
    }),
    token: t.exposeString('token', {
      nullable: true,
      description: 'For the header `authorization`. It expires after 24 hours.',
    }),
    decoded: t.field({ type: DecodedTokenType, nullable: true, resolve: ({ decoded }) => decoded }),
  }),
});

const ProfileInput = builder.inputType('ProfileInput', {
  description: 'What a person says about themselves. What is left out stays.',
  fields: (t) => ({ firstName: t.string(), lastName: t.string(), company: t.string() }),
});

builder.mutationFields((t) => ({
  createToken: t.field({
    type: Token,
    extensions: open,
    description: 'Signs in with the e-mail address as the username.',
    args: { username: t.arg.string({ required: true }), password: t.arg.string({ required: true }) },
    resolve: (_, { username, password }, context) => signIn(context, username, password),
  }),
  createNewUser: t.field({
    type: Token,
    extensions: open,
    description: 'Makes an account. `token` is null until the link in the mail is opened.',
    args: {
      email: t.arg.string({ required: true }),
      password: t.arg.string({ required: true, description: 'At least 8 characters.' }),
      profile: t.arg({ type: ProfileInput }),
    },
    resolve: (_, { email, password, profile }, context) =>
      signUp(context, { email, password, profile: profileFrom(profile) ?? {} }),
  }),
  confirmEmail: t.field({
    type: Token,
    extensions: open,
    description: 'Confirms an address with the token of the mailed link, and signs in.',
    args: { token: t.arg.string({ required: true }) },
    resolve: (_, { token }, context) => confirmEmail(context, token),
  }),
  requestPasswordReset: t.field({
    type: StatusMessage,
    extensions: open,
    description: 'Mails a link to choose a new password with. The answer is the same for an unknown address.',
    args: { email: t.arg.string({ required: true }) },
    resolve: (_, { email }, context) => done(requestPasswordReset(context, email)),
  }),
  resetPassword: t.field({
    type: Token,
    extensions: open,
    description: 'Sets a password with the token of the mailed link, or of an invitation, and signs in.',
    args: { token: t.arg.string({ required: true }), password: t.arg.string({ required: true }) },
    resolve: (_, { token, password }, context) => resetPassword(context, token, password),
  }),
  setUp: t.field({
    type: Token,
    extensions: open,
    description: 'Makes the first account with the link that the server prints when it starts without any.',
    args: {
      token: t.arg.string({ required: true }),
      email: t.arg.string({ required: true }),
      password: t.arg.string({ required: true }),
      profile: t.arg({ type: ProfileInput }),
      organization: t.arg.string({ required: true, description: 'What your organization is called.' }),
    },
    resolve: (_, { token, profile, ...wish }, context) =>
      setUp(context, token, { ...wish, profile: profileFrom(profile) ?? {} }),
  }),
  updateUser: t.field({
    type: StatusMessage,
    extensions: person,
    description: 'Changes or deletes the own account. All but the profile needs the current password.',
    args: {
      profile: t.arg({ type: ProfileInput }),
      email: t.arg.string({ description: 'Takes effect when the link that is mailed there is opened.' }),
      password: t.arg.string({ description: 'A new one. It ends all sessions.' }),
      currentPassword: t.arg.string(),
      delete: t.arg.boolean({ description: 'With the API keys that the person has made.' }),
    },
    async resolve(_, { profile, ...args }, context) {
      const { user } = context.grant;
      const wish: AccountChange = {
        profile: profileFrom(profile),
        email: args.email ?? undefined,
        password: args.password ?? undefined,
        currentPassword: args.currentPassword ?? undefined,
        delete: args.delete ?? undefined,
      };
      return done(await changeAccount(context, user, wish), user.id);
    },
  }),
}));

builder.queryField('me', (t) =>
  t.field({
    type: User,
    extensions: person,
    description: 'Whose token this is.',
    resolve: (_, __, { grant }) => grant.user,
  }),
);

interface GivenProfile {
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  readonly company?: string | null | undefined;
}

/** GraphQL tells null from absent; here both mean that nothing was said. */
function profileFrom(given: GivenProfile | null | undefined): ProfileChange | undefined {
  if (given === null || given === undefined) return undefined;
  return {
    firstName: saidOf('firstName', given),
    lastName: saidOf('lastName', given),
    company: saidOf('company', given),
  };
}

function saidOf(field: keyof GivenProfile, { [field]: text }: GivenProfile): string | undefined {
  return text === null || text === undefined ? undefined : lineFrom(`profile.${field}`, text);
}
