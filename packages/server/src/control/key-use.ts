import { keepApiKeyUse, type StoredApiKey } from '../store/api-keys.ts';
import type { Services } from './services.ts';

/** So exact is a key's last use, in milliseconds: a script may ask each second, and shall not write each second. */
const USE_KEPT_EVERY_MS = 3_600_000;

/** Keeps after the request that a key was used, once an hour at most. */
export function noteUse(
  { id, lastUsedAt }: StoredApiKey,
  { store, clock, background }: Pick<Services, 'store' | 'clock' | 'background'>,
): void {
  const now = clock.now();
  const unlessAfter = now - USE_KEPT_EVERY_MS;
  if (lastUsedAt !== null && lastUsedAt > unlessAfter) return;
  // Asked once more when it is written: requests that came at the same moment read the same.
  background.run(() => keepApiKeyUse(store.db, id, { now, unlessAfter }));
}
