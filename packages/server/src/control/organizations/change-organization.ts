import { endApiKeysOf } from '../../store/api-keys.ts';
import { deleteMailTokens } from '../../store/mail-tokens.ts';
import { addMember, changeMember, removeMember } from '../../store/members.ts';
import { deleteOrganization, findOrganization, renameOrganization } from '../../store/organizations.ts';
import { listSources } from '../../store/sources.ts';
import type { Change, Db } from '../../store/store.ts';
import type { Access, Role } from '../../store/tables.ts';
import { createUser, findUser, findUserByEmail } from '../../store/users.ts';
import { countGuess } from '../accounts/guessing.ts';
import { countInvitation } from '../accounts/mail-counts.ts';
import { newLink } from '../accounts/mailed-link.ts';
import { actorOf, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { emailFrom, nameFrom } from '../input.ts';
import { invitationMail } from '../mails/invitation-mail.ts';
import { badInput, notFound, Refusal } from '../refusal.ts';
import { sentenceOn } from './ended-keys.ts';

/** Somebody to add, by address, or to change, by id. */
interface MemberWish {
  readonly email?: string | null | undefined;
  readonly userId?: string | null | undefined;
  readonly role?: Role | null | undefined;
  readonly access?: Access | null | undefined;
  /** Source IDs; null for all. */
  readonly applications?: readonly string[] | null | undefined;
}

/** What is to change of an organization. What is absent stays. */
export interface OrganizationWish {
  readonly name?: string | null | undefined;
  readonly addUser?: MemberWish | null | undefined;
  readonly changeUser?: MemberWish | null | undefined;
  readonly removeUser?: string | null | undefined;
  readonly delete?: boolean | null | undefined;
}

const LAST_OWNER = 'An organization needs an owner: make somebody else one first.';

/** Changes the organization that was granted, all of it or nothing; resolves with what to tell the caller. */
export async function changeOrganization(context: Context, wish: OrganizationWish): Promise<string> {
  const { caller, address, services, grant } = context;
  const id = grant.organization;
  const mails: (() => void)[] = [];
  const said = await services.store.change(actorOf(caller, address), async (change) => {
    if (wish.delete === true) return [await remove(change, id)];
    return [
      await rename(change, id, wish.name),
      await add(change, context, wish.addUser, mails),
      await alter(change, id, wish.changeUser),
      await takeOut(change, id, wish.removeUser),
    ].filter((sentence) => sentence !== undefined);
  });
  for (const mail of mails) mail();
  if (said.length === 0)
    throw badInput([
      { field: 'name', message: 'is missing, and so is everything else that could be changed' },
    ]);
  return said.join(' ');
}

async function remove({ db, note }: Change, id: string): Promise<string> {
  const removed = await deleteOrganization(db, id);
  if (removed === undefined) throw notFound('organization');
  note({ organization: id, action: 'organization.deleted', target: id, targetName: removed.name });
  return `The organization ${removed.name} is deleted, with its sources, connections and pipelines.`;
}

async function rename({ db, note }: Change, id: string, given: OrganizationWish['name']) {
  if (given === null || given === undefined) return undefined;
  const name = nameFrom('name', given);
  await renameOrganization(db, id, name);
  note({ organization: id, action: 'organization.updated', target: id, targetName: name, details: { name } });
  return `The organization is called ${name}.`;
}

async function add(
  { db, note }: Change,
  context: Context,
  wish: OrganizationWish['addUser'],
  mails: (() => void)[],
) {
  if (wish === null || wish === undefined) return undefined;
  const { caller, address, services, grant } = context;
  const email = emailFrom('addUser.email', wish.email ?? '');
  countGuess({ services, address }, 'invite', email);
  const organizationId = grant.organization;
  const now = services.clock.now();
  const known = await findUserByEmail(db, email);
  const user = known ?? (await createUser(db, { email, password: null, confirmedAt: null, now }));
  if (user === 'conflict') throw new Refusal('CONFLICT', 'This account was made just now. Try again.');
  const { role = null, access = null, applications = null } = wish;
  const added = await addMember(db, {
    organizationId,
    userId: user.id,
    role: role ?? 'USER',
    access: access ?? 'EDIT',
    sources: await sourcesFrom(db, 'addUser', organizationId, applications),
    now,
  });
  if (added === 'conflict') throw new Refusal('CONFLICT', `${email} belongs to this organization already.`);
  countInvitation(context, email);
  // An account that is in use is its holder's: a link that sets its password is not for others to have mailed.
  const hasAccount = user.confirmedAt !== null;
  // Whoever signed up with it before chose a password, and need not be its holder: that link shall not confirm it now.
  if (!hasAccount) await deleteMailTokens(db, user.id, 'confirm');
  const token = hasAccount
    ? undefined
    : await newLink(db, user, { purpose: 'invitation', organizationId, now });
  const organization = (await findOrganization(db, organizationId))?.name ?? '';
  note({
    organization: organizationId,
    action: 'member.added',
    target: user.id,
    targetName: email,
    details: { role: added.role, access: added.access, applications: added.sources ?? null },
  });
  const { publicUrl, mail } = services;
  mails.push(() =>
    mail(invitationMail({ to: email, publicUrl, token, organization, inviter: inviterOf(caller) })),
  );
  // In the same words: nobody learns who has an account.
  return `${email} belongs to this organization now, and is told by mail.`;
}

function inviterOf(caller: Caller): { readonly name: string; readonly email: string } {
  switch (caller.kind) {
    case 'user': {
      const { firstName, lastName } = caller.user.profile;
      return { name: `${firstName} ${lastName}`.trim(), email: caller.user.email };
    }
    case 'key':
      return { name: caller.key.name, email: '' };
    case 'anonymous':
      return { name: '', email: '' };
  }
}

async function alter(change: Change, organizationId: string, wish: OrganizationWish['changeUser']) {
  if (wish === null || wish === undefined) return undefined;
  const { db, note } = change;
  const { role, access, applications } = wish;
  const userId = wish.userId ?? '';
  const changed = await changeMember(db, organizationId, userId, {
    role: role ?? undefined,
    access: access ?? undefined,
    sources:
      applications === undefined
        ? undefined
        : ((await sourcesFrom(db, 'changeUser', organizationId, applications)) ?? null),
  });
  if (changed === undefined) throw notFound('member');
  if (changed === 'last owner') throw new Refusal('CONFLICT', LAST_OWNER);
  const { email } = (await findUser(db, userId)) ?? { email: '' };
  const details = { role: changed.role, access: changed.access, applications: changed.sources ?? null };
  note({
    organization: organizationId,
    action: 'member.updated',
    target: userId,
    targetName: email,
    details,
  });
  const ended = changed.role === 'OWNER' ? [] : await endApiKeysOf(change, organizationId, userId);
  return `What ${email} may do is changed.${sentenceOn(ended)}`;
}

async function takeOut(change: Change, organizationId: string, userId: OrganizationWish['removeUser']) {
  if (userId === null || userId === undefined) return undefined;
  const { db, note } = change;
  const { email } = (await findUser(db, userId)) ?? { email: '' };
  const removed = await removeMember(db, organizationId, userId);
  if (removed === undefined) throw notFound('member');
  if (removed === 'last owner') throw new Refusal('CONFLICT', LAST_OWNER);
  note({ organization: organizationId, action: 'member.removed', target: userId, targetName: email });
  const ended = await endApiKeysOf(change, organizationId, userId);
  return `${email} does not belong to this organization any more.${sentenceOn(ended)}`;
}

/** Each has to be a source of the organization, or whoever is told the ID learns that it exists. */
async function sourcesFrom(
  db: Db,
  argument: string,
  organizationId: string,
  given: readonly string[] | null,
): Promise<readonly string[] | undefined> {
  if (given === null) return undefined;
  const own = new Set((await listSources(db, organizationId)).map(({ id }) => id));
  const faults = given
    .map((id, place) => ({ id, field: `${argument}.applications[${place}]` }))
    .filter(({ id }) => !own.has(id))
    .map(({ field }) => ({ field, message: 'is no source of this organization' }));
  if (faults.length > 0) throw badInput(faults);
  return [...new Set(given)];
}
