import { hashOf, isApiKey } from '../platform/one-time-tokens.ts';
import { findApiKeyByHash } from '../store/api-keys.ts';
import { findUser } from '../store/users.ts';
import { type Caller, EXPIRED_TOKEN, INVALID_TOKEN, NO_TOKEN } from './caller.ts';
import type { OrganizationHeader } from './context.ts';
import { noteUse } from './key-use.ts';
import type { Services } from './services.ts';

/** Ours have some 300 characters. Whatever is longer is not worth a look. */
const CREDENTIAL_CHARACTERS_MAX = 4_096;

/** The scheme that may stand before a token, in any letter case. */
const BEARER = /^Bearer(?:\s+|$)/i;

/** How ids look: ours, those of objects in a workspace file, and write keys that were given. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Who asks, by the header `authorization`: a token from createToken or an API key, bare or after `Bearer`. The account or
 * the key is read anew each time, so that what was revoked a moment ago is void now.
 */
export async function authenticate(
  rawHeaders: readonly string[],
  services: Pick<Services, 'store' | 'sessions' | 'clock' | 'background'>,
): Promise<Caller> {
  const { store, sessions } = services;
  const [header, ...others] = headerValues(rawHeaders, 'authorization');
  const credential = header?.replace(BEARER, '').trim() ?? '';
  // Two of them let a proxy and us disagree on who asks.
  if (others.length > 0 || credential.length > CREDENTIAL_CHARACTERS_MAX) return INVALID_TOKEN;
  if (credential === '') return NO_TOKEN;
  if (isApiKey(credential)) {
    const key = await findApiKeyByHash(store.db, hashOf(credential));
    if (key === undefined) return INVALID_TOKEN;
    noteUse(key, services);
    return { kind: 'key', key };
  }
  const session = await sessions.read(credential);
  if (session === 'expired') return EXPIRED_TOKEN;
  if (session === 'invalid') return INVALID_TOKEN;
  const user = await findUser(store.db, session.userId);
  const holds = user !== undefined && user.confirmedAt !== null && user.tokenVersion === session.tokenVersion;
  return holds ? { kind: 'user', user } : INVALID_TOKEN;
}

/** What the header `organization` said. */
export function organizationHeader(rawHeaders: readonly string[]): OrganizationHeader {
  const [id, ...others] = headerValues(rawHeaders, 'organization');
  if (id === undefined) return { kind: 'absent' };
  return others.length === 0 && ID.test(id) ? { kind: 'given', id } : { kind: 'malformed' };
}

/** Every value that a header was sent with: of two, Node keeps the first, or joins them, by the header's name. */
function headerValues(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}
