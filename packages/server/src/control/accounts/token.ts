import type { StoredUser } from '../../store/users.ts';
import type { FieldFault, RefusalCode } from '../refusal.ts';
import type { Visit } from './visit.ts';

/** What signing in answers. */
export interface TokenAnswer {
  readonly success: boolean;
  readonly message: string;
  readonly code?: RefusalCode;
  readonly faults?: readonly FieldFault[];
  readonly token?: string;
  readonly decoded?: DecodedToken;
}

/** What a token says. */
export interface DecodedToken {
  /** The user's. */
  readonly id: string;
  /** In ms since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Lets the account's holder in. */
export async function tokenFor(
  user: StoredUser,
  { services, address }: Visit,
  message: string,
): Promise<TokenAnswer> {
  services.guesses.recognize(user.email, address);
  const { token, issuedAt, expiresAt } = await services.sessions.issue({
    userId: user.id,
    tokenVersion: user.tokenVersion,
  });
  return { success: true, message, token, decoded: { id: user.id, issuedAt, expiresAt } };
}
