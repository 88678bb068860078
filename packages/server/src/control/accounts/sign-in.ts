import { findUserByEmail, plainEmail, rehashPassword, type StoredUser } from '../../store/users.ts';
import { Refusal } from '../refusal.ts';
import { countGuess, unlessBusy } from './guessing.ts';
import { type TokenAnswer, tokenFor } from './token.ts';
import type { Visit } from './visit.ts';

/** A token for 24 hours. An unknown address, one that is not confirmed, and a wrong password are refused in the same words, after the same time. */
export async function signIn(visit: Visit, username: string, password: string): Promise<TokenAnswer> {
  const { store, passwords } = visit.services;
  const email = plainEmail(username);
  countGuess(visit, 'sign in', email);
  const user = await findUserByEmail(store.db, email);
  const { matches, needsRehash } = unlessBusy(await passwords.verify(password, user?.password ?? null));
  if (user === undefined || user.confirmedAt === null || !matches)
    throw new Refusal(
      'UNAUTHENTICATED',
      'The e-mail address or the password is wrong. If you have just signed up, open the link in the mail first.',
    );
  if (needsRehash) visit.services.background.run(() => rehash(visit, user, password));
  return tokenFor(user, visit, 'You are signed in for 24 hours.');
}

/** Only now the password is known, to be hashed at the cost that has grown meanwhile. */
async function rehash({ services, address }: Visit, user: StoredUser, password: string): Promise<void> {
  const hash = await services.passwords.hash(password);
  const { id, email, password: before } = user;
  if (hash === 'busy' || before === null) return;
  await services.store.change({ id, name: email, address }, ({ db }) => rehashPassword(db, id, before, hash));
}
