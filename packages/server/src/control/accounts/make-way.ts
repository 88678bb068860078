import { listMemberships } from '../../store/members.ts';
import type { Change } from '../../store/store.ts';
import { deleteUser, findUserByEmail, type StoredUser } from '../../store/users.ts';
import { Refusal } from '../refusal.ts';

/**
 * An account with this address that nobody ever confirmed makes way for that of `holder`, for whom the mailbox's link was
 * opened: otherwise anybody could keep them from their address by signing up with it.
 *
 * @throws Refusal where it was invited to an organization. Whoever opened the link need not know whose account it gives the
 *   address to: the place that was meant for the mailbox is only for who opens the invitation.
 */
export async function makeWay({ db, note }: Change, email: string, holder: StoredUser): Promise<void> {
  const pending = await findUserByEmail(db, email);
  if (pending === undefined || pending.id === holder.id || pending.confirmedAt !== null) return;
  const places = await listMemberships(db, pending.id);
  if (places.length > 0 || (await deleteUser(db, pending.id)) === 'last owner')
    throw new Refusal(
      'CONFLICT',
      'This address was invited to an organization. Open that invitation, or have the address that you had invited instead.',
    );
  note({ organization: null, action: 'user.deleted', target: pending.id, targetName: email });
}
