import type { Transaction } from 'kysely';
import { addMember } from '../../store/members.ts';
import { createOrganization } from '../../store/organizations.ts';
import { listOwnerless } from '../../store/owners.ts';
import type { Change } from '../../store/store.ts';
import type { Tables } from '../../store/tables.ts';
import {
  createUser,
  findUserByEmail,
  hasUsers,
  type ProfileChange,
  type StoredUser,
  updateUser,
} from '../../store/users.ts';
import { emailFrom, nameFrom, passwordFrom } from '../input.ts';
import { Refusal } from '../refusal.ts';
import type { Services } from '../services.ts';
import { countGuess, unlessBusy } from './guessing.ts';
import { endLinks } from './mailed-link.ts';
import { linkIsVoid } from './sign-up.ts';
import { type TokenAnswer, tokenFor } from './token.ts';
import type { Visit } from './visit.ts';

const IS_OVER = 'This link is over: there is an account already. Sign up, or ask its holder to invite you.';

/** What the first person gives. */
export interface FirstOwner {
  readonly email: string;
  readonly password: string;
  readonly profile: ProfileChange;
  /** The name of a new organization; it is not made when others wait for an owner. */
  readonly organization: string;
}

/** Makes the first account, confirmed, with the link of the start-up text. There is no second one. */
export async function setUp(visit: Visit, token: string, wish: FirstOwner): Promise<TokenAnswer> {
  countGuess(visit, 'set up', null);
  const { services } = visit;
  if (!services.setUp.isToken(token)) throw linkIsVoid();
  const email = emailFrom('email', wish.email);
  const organization = nameFrom('organization', wish.organization);
  const password = unlessBusy(await services.passwords.hash(passwordFrom('password', wish.password)));
  const actor = { id: null, name: email, address: visit.address };
  const user = await services.store.change(actor, (change) =>
    makeFirstOwner(change, services, { ...wish, email, password, organization }),
  );
  if (user === undefined) throw new Refusal('NOT_FOUND', IS_OVER);
  return tokenFor(user, visit, 'Your account and your organization are ready.');
}

/**
 * Makes the first account and gives it an organization: those of the workspace file that have no owner, else a new one.
 * `password` is a hash. Undefined when there is an account already.
 */
export async function makeFirstOwner(
  { db, note }: Change,
  { store, clock }: Pick<Services, 'store' | 'clock'>,
  { email, password, profile, organization }: FirstOwner,
): Promise<StoredUser | undefined> {
  if (await hasUsers(db)) return undefined;
  const now = clock.now();
  const user = await usableUser(db, { email, password, profile, now });
  note({ organization: null, action: 'user.created', target: user.id, targetName: user.email });
  const waiting = await listOwnerless(db);
  const owned =
    waiting.length > 0 ? waiting : [await createOrganization(db, store.sealer, { name: organization, now })];
  for (const { id, name } of owned) {
    await own(db, id, user.id, now);
    note({ organization: id, action: 'organization.owned', target: id, targetName: name });
  }
  return user;
}

/** A stranger may have signed up with the address meanwhile, or the workspace file invited it. */
async function usableUser(
  db: Transaction<Tables>,
  { now, ...wish }: Omit<FirstOwner, 'organization'> & { readonly now: number },
): Promise<StoredUser> {
  const pending = await findUserByEmail(db, wish.email);
  if (pending !== undefined) await endLinks(db, pending.id);
  const user =
    pending === undefined
      ? await createUser(db, { ...wish, confirmedAt: now, now })
      : await updateUser(db, pending.id, { ...wish, confirmedAt: now });
  if (user === undefined || user === 'conflict') throw new Error('the first account was made meanwhile');
  return user;
}

async function own(db: Transaction<Tables>, organizationId: string, userId: string, now: number) {
  await addMember(db, { organizationId, userId, role: 'OWNER', access: 'EDIT', sources: undefined, now });
}
