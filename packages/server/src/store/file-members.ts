import { newToken } from '../platform/one-time-tokens.ts';
import { endApiKeysOf } from './api-keys.ts';
import { type FileChange, FileConflict, type FileOrganization } from './file-change.ts';
import { addMailToken, deleteMailTokens } from './mail-tokens.ts';
import { addMember, changeMember, listMembers, type MemberWithUser, removeMember } from './members.ts';
import { createUser, findUserByEmail, plainEmail } from './users.ts';
import type { UserShape } from './workspace-shape.ts';

/** Somebody who is to be invited by mail. */
export interface FileInvitation {
  readonly email: string;
  readonly organization: string;
  /** For the link in the mail; undefined for who has an account already. */
  readonly token: string | undefined;
}

/** Gives people the places in the organization that the file says. Who is new there is to be invited. */
export async function applyMembers(
  change: FileChange,
  organization: FileOrganization,
  shapes: readonly UserShape[],
): Promise<readonly FileInvitation[]> {
  const members = await listMembers(change.db, organization.id);
  const byEmail = new Map(members.map((member) => [member.user.email, member]));
  const invitations: FileInvitation[] = [];
  // Who becomes an Owner first, who goes last: others may only then give that up.
  for (const shape of shapes.toSorted((one, other) => stepOf(one) - stepOf(other))) {
    const member = byEmail.get(plainEmail(shape.email));
    if (shape.delete) await remove(change, member);
    else if (member === undefined) invitations.push(await invite(change, organization, shape));
    else await alter(change, member, shape);
  }
  return invitations;
}

function stepOf({ role, delete: isToDelete }: UserShape): number {
  if (isToDelete) return 2;
  return role === 'owner' ? 0 : 1;
}

async function remove(change: FileChange, member: MemberWithUser | undefined): Promise<void> {
  if (member === undefined) return;
  const { db, note } = change;
  const { organizationId, userId, user } = member;
  if ((await removeMember(db, organizationId, userId)) === 'last owner') throw lastOwner(user.email);
  note({ organization: organizationId, action: 'member.removed', target: userId, targetName: user.email });
  await endApiKeysOf(change, organizationId, userId);
}

async function alter(change: FileChange, member: MemberWithUser, shape: UserShape): Promise<void> {
  const { db, note } = change;
  const role = roleOf(shape);
  if (member.role === role) return;
  const { organizationId, userId, user } = member;
  if ((await changeMember(db, organizationId, userId, { role })) === 'last owner')
    throw lastOwner(user.email);
  const about = { organization: organizationId, target: userId, targetName: user.email };
  note({ ...about, action: 'member.updated', details: { role } });
  if (role === 'USER') await endApiKeysOf(change, organizationId, userId);
}

async function invite(
  { db, note, now, invitationMs }: FileChange,
  organization: FileOrganization,
  shape: UserShape,
): Promise<FileInvitation> {
  const role = roleOf(shape);
  const known = await findUserByEmail(db, shape.email);
  const user =
    known ?? (await createUser(db, { email: shape.email, password: null, confirmedAt: null, now }));
  if (user === 'conflict') throw new Error(`the account of ${shape.email} is there, and is not`);
  const { id: userId, email } = user;
  const organizationId = organization.id;
  await addMember(db, { organizationId, userId, role, access: 'EDIT', sources: undefined, now });
  const about = { organization: organizationId, target: userId, targetName: email };
  note({ ...about, action: 'member.added', details: { role } });
  const invitation = { email, organization: organization.name };
  if (user.confirmedAt !== null) return { ...invitation, token: undefined };
  // Somebody else may have signed up with this address: their password must not open the organization.
  await deleteMailTokens(db, userId, 'confirm');
  const { token, hash } = newToken();
  const link = { purpose: 'invitation', userId, organizationId, email } as const;
  await addMailToken(db, { ...link, hash, expiresAt: now + invitationMs, now });
  return { ...invitation, token };
}

function roleOf({ role }: UserShape): 'OWNER' | 'USER' {
  return role === 'owner' ? 'OWNER' : 'USER';
}

function lastOwner(email: string): FileConflict {
  return new FileConflict(
    `${email} is the organization's last Owner. Leave that as it is until another Owner has opened the invitation.`,
  );
}
