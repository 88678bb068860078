import type { Clock } from './platform/clock.ts';
import type { Passwords } from './platform/passwords.ts';
import type { Config } from './platform/settings.ts';
import type { Store } from './store/store.ts';
import { hasUsers } from './store/users.ts';

/** What the first owner's organization is called until they give it another name, where the workspace file has none. */
const ORGANIZATION = 'My organization';

/** Makes the owner that the settings name, when nobody has an account yet. */
export async function makeOwnerOfSettings(
  store: Store,
  {
    config: { ownerEmail: email, ownerPassword },
    clock,
    passwords,
  }: { readonly config: Config; readonly clock: Clock; readonly passwords: Passwords },
): Promise<void> {
  if (email === undefined || ownerPassword === undefined) return;
  // Asked here too: hashing a password takes a while, and almost every start would do it for nothing.
  if (await hasUsers(store.db)) return;
  const password = await passwords.hash(ownerPassword);
  if (password === 'busy') throw new Error('passwords are hashed before there is anybody to sign in');
  // Loaded for this alone: most starts make nobody.
  const { makeFirstOwner } = await import('./control/accounts/set-up.ts');
  const actor = { id: null, name: 'METAROUTER_OWNER_EMAIL', address: '' };
  await store.change(actor, (change) =>
    makeFirstOwner(change, { store, clock }, { email, password, profile: {}, organization: ORGANIZATION }),
  );
}
