import type { StoredApiKey } from '../store/api-keys.ts';
import type { Actor } from '../store/store.ts';
import type { StoredUser } from '../store/users.ts';
import { Refusal } from './refusal.ts';

/** Who asks. */
export type Caller =
  /** No token, or one that does not hold: `why` says what to do about it. */
  | { readonly kind: 'anonymous'; readonly why: string }
  | { readonly kind: 'user'; readonly user: StoredUser }
  | { readonly kind: 'key'; readonly key: StoredApiKey };

export const NO_TOKEN: Caller = {
  kind: 'anonymous',
  why: 'Send a token from createToken, or an API key, in the header `authorization`.',
};
export const EXPIRED_TOKEN: Caller = {
  kind: 'anonymous',
  why: 'This token has expired: tokens last for 24 hours. Get a new one with createToken.',
};
export const INVALID_TOKEN: Caller = {
  kind: 'anonymous',
  why: 'This token is not valid. Get a new one with createToken, or use another API key.',
};

/** The caller's name in the audit log. */
export function actorOf(caller: Caller, address: string): Actor {
  switch (caller.kind) {
    case 'anonymous':
      return { id: null, name: 'anonymous', address };
    case 'user':
      return { id: caller.user.id, name: caller.user.email, address };
    case 'key':
      return { id: caller.key.id, name: `API key ${caller.key.name}`, address };
  }
}

/**
 * Whom a limit counts for: the id of the user or the key.
 *
 * @throws Refusal when it is nobody.
 */
export function holderOf(caller: Caller): string {
  switch (caller.kind) {
    case 'anonymous':
      throw new Refusal('UNAUTHENTICATED', caller.why);
    case 'user':
      return caller.user.id;
    case 'key':
      return caller.key.id;
  }
}

/**
 * The person behind a caller: whoever made the key, if it is one. What is counted by person cannot be had once more with another
 * key.
 *
 * @throws Refusal for nobody.
 */
export function personOf(caller: Caller): string {
  return caller.kind === 'key' ? caller.key.createdBy : holderOf(caller);
}
