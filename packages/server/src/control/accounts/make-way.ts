import { addMember, listMemberships } from '../../store/members.ts';
import type { Change } from '../../store/store.ts';
import { deleteUser, findUserByEmail, type StoredUser } from '../../store/users.ts';
import { Refusal } from '../refusal.ts';

/**
 * An account with this address that nobody ever confirmed makes way for that of `holder`, who has just shown that the mailbox
 * is theirs: otherwise anybody could keep them from their address by signing up with it, or by inviting it. The places in
 * organizations that it was invited to are theirs then.
 */
export async function makeWay(
  { db, note }: Change,
  email: string,
  holder: StoredUser,
  now: number,
): Promise<void> {
  const pending = await findUserByEmail(db, email);
  if (pending === undefined || pending.id === holder.id || pending.confirmedAt !== null) return;
  for (const place of await listMemberships(db, pending.id)) {
    const { organizationId: organization, role, access, sources } = place;
    const added = await addMember(db, { ...place, userId: holder.id, now });
    note({ organization, action: 'member.removed', target: pending.id, targetName: email });
    // Who has a place there keeps it as it is.
    if (added === 'conflict') continue;
    const details = { role, access, applications: sources ?? null };
    note({ organization, action: 'member.added', target: holder.id, targetName: email, details });
  }
  if ((await deleteUser(db, pending.id)) === 'last owner')
    throw new Refusal(
      'CONFLICT',
      'This address is invited to own an organization that you are a User of. Open that invitation, or ask for another owner.',
    );
  note({ organization: null, action: 'user.deleted', target: pending.id, targetName: email });
}
