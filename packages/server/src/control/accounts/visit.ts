import type { Actor } from '../../store/store.ts';
import type { StoredUser } from '../../store/users.ts';
import type { Services } from '../services.ts';

/** A request about an account: what it works with, and where it comes from. */
export interface Visit {
  readonly services: Services;
  /** The client's address. */
  readonly address: string;
}

/** Who acts, when it is the holder of this address. */
export function holder({ id, email }: Pick<StoredUser, 'id' | 'email'>, { address }: Visit): Actor {
  return { id, name: email, address };
}
