import type { Clock } from '../platform/clock.ts';
import { deleteExpiredMailTokens } from '../store/mail-tokens.ts';
import type { Actor, Store } from '../store/store.ts';
import { deleteAbandonedUsers } from '../store/users.ts';

/** Soon after a start, as a server that is started anew each night would never come to it; not during one. */
const FIRST_MS = 60_000;
const EVERY_MS = 86_400_000;
const US: Actor = { id: null, name: 'MetaRouter', address: '' };

export interface ForgettingOptions {
  readonly clock: Clock;
  readonly store: Store;
  /** Told when it did not work; it is tried again a day later. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * A minute after a start and then once a day deletes mailed links that open nothing any more, and accounts that nobody can confirm without them. Returns the
 * way to stop it.
 */
export function forgetOldLinks({ clock, store, onFailure }: ForgettingOptions): () => void {
  const forget = async () => {
    try {
      await store.change(US, async ({ db }) => {
        await deleteExpiredMailTokens(db, clock.now());
        await deleteAbandonedUsers(db);
      });
    } catch (error) {
      onFailure(error);
    }
    cancel = clock.after(EVERY_MS, () => void forget());
  };
  let cancel = clock.after(FIRST_MS, () => void forget());
  return () => cancel();
}
