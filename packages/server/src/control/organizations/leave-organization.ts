import { endApiKeysOf } from '../../store/api-keys.ts';
import { removeMember } from '../../store/members.ts';
import { findOrganization } from '../../store/organizations.ts';
import { actorOf } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound, Refusal } from '../refusal.ts';
import { sentenceOn } from './ended-keys.ts';

/** Takes the caller out of the organization that was granted; resolves with what to tell them. */
export async function leaveOrganization({ caller, address, services, grant }: Context): Promise<string> {
  const { organization, user } = grant;
  return await services.store.change(actorOf(caller, address), async (change) => {
    const { db, note } = change;
    const name = (await findOrganization(db, organization))?.name ?? '';
    const left = await removeMember(db, organization, user.id);
    if (left === undefined) throw notFound('organization');
    if (left === 'last owner')
      throw new Refusal(
        'CONFLICT',
        'You are the last owner of this organization. Make somebody else an owner, or delete it.',
      );
    note({ organization, action: 'member.left', target: user.id, targetName: user.email });
    const ended = await endApiKeysOf(change, organization, user.id);
    return `You do not belong to ${name} any more.${sentenceOn(ended)}`;
  });
}
