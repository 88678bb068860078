import { newApiKey } from '../../platform/one-time-tokens.ts';
import type { SecretKey } from '../../platform/secret-key.ts';
import { SessionTokens } from '../../platform/session-tokens.ts';
import { VirtualClock } from '../../platform/virtual-clock.ts';
import { createApiKey, deleteApiKey } from '../../store/api-keys.ts';
import { made } from '../../store/filled-organization.fixture.ts';
import { addMember, removeMember } from '../../store/members.ts';
import { OPERATOR } from '../../store/store.fixture.ts';
import type { Store } from '../../store/store.ts';
import type { Role } from '../../store/tables.ts';
import { createUser, type StoredUser } from '../../store/users.ts';
import type { Place, Side, Standing } from './houston.fixture.ts';
import type { FilledSide } from './side.fixture.ts';

/** Somebody who calls. */
export interface TestCaller extends Standing {
  readonly name: string;
  /** The header `authorization`. */
  readonly authorization: string | undefined;
}

const DAY_MS = 86_400_000;

const OWNER = { role: 'OWNER', access: 'EDIT', sources: 'all' } as const;
const EDITOR = { role: 'USER', access: 'EDIT', sources: 'all' } as const;

/** People who have a valid token, and their places. */
const PEOPLE: Readonly<Record<string, Standing['places']>> = {
  'a person without an organization': {},
  'a User of A who may edit': { A: EDITOR },
  'a User of A who may view': { A: { ...EDITOR, access: 'VIEW' } },
  'a User of A with this source': { A: { ...EDITOR, sources: 'this' } },
  'a User of A with another source': { A: { ...EDITOR, sources: 'other' } },
  'an Owner of A': { A: OWNER },
  'a User of A who owns B': { A: EDITOR, B: OWNER },
};

/** Makes everybody who can call. */
export async function makeCallers(
  store: Store,
  sides: Readonly<Record<Side, FilledSide>>,
  secretKey: SecretKey,
  now: number,
): Promise<readonly TestCaller[]> {
  const tokenOf = async ({ id, tokenVersion }: StoredUser, at = now) => {
    const sessions = new SessionTokens(secretKey, new VirtualClock(at));
    return (await sessions.issue({ userId: id, tokenVersion })).token;
  };
  const people = await Promise.all(
    Object.entries(PEOPLE).map(async ([name, places], at) => {
      const authorization = await tokenOf(await makePerson(store, `person-${at}`, places, sides, now));
      return { name, kind: 'person', places, authorization } as const;
    }),
  );
  const removed = await makePerson(store, 'removed', { A: OWNER }, sides, now);
  await store.change(OPERATOR, ({ db }) => removeMember(db, sides.A.organization, removed.id));
  const expired = await makePerson(store, 'expired', { A: OWNER }, sides, now);
  const nobody = { kind: 'nobody', places: {} } as const;
  return [
    { ...nobody, name: 'nobody', authorization: undefined },
    { ...nobody, name: 'who has an expired token', authorization: await tokenOf(expired, now - DAY_MS) },
    {
      ...nobody,
      name: 'who has a revoked key',
      authorization: await makeKey(store, sides.A, 'OWNER', now, true),
    },
    ...people,
    {
      name: 'a removed Owner of A',
      kind: 'person',
      places: {},
      authorization: `Bearer ${await tokenOf(removed)}`,
    },
    {
      name: 'a key of A as OWNER',
      kind: 'key',
      places: { A: OWNER },
      authorization: await makeKey(store, sides.A, 'OWNER', now),
    },
    {
      name: 'a key of A as USER',
      kind: 'key',
      places: { A: EDITOR },
      authorization: await makeKey(store, sides.A, 'USER', now),
    },
  ];
}

async function makePerson(
  store: Store,
  name: string,
  places: Standing['places'],
  sides: Readonly<Record<Side, FilledSide>>,
  now: number,
): Promise<StoredUser> {
  return await store.change(OPERATOR, async ({ db }) => {
    const email = `${name}@example.com`;
    const user = made(await createUser(db, { email, password: null, confirmedAt: now, now }));
    for (const side of ['A', 'B'] as const) {
      const place = places[side];
      if (place === undefined) continue;
      const { role, access } = place;
      const member = { organizationId: sides[side].organization, userId: user.id, role, access, now };
      await addMember(db, { ...member, sources: sourcesOf(place, sides[side]) });
    }
    return user;
  });
}

function sourcesOf({ sources }: Place, { source, other }: FilledSide): readonly string[] | undefined {
  if (sources === 'all') return undefined;
  return sources === 'this' ? [source] : [other];
}

async function makeKey(
  store: Store,
  { organization, ids }: FilledSide,
  role: Role,
  now: number,
  isRevoked = false,
): Promise<string> {
  const { key, hash, beginning } = newApiKey();
  const wish = {
    organizationId: organization,
    name: 'Script',
    role,
    hash,
    beginning,
    createdBy: ids.user,
    now,
  };
  await store.change(OPERATOR, async ({ db }) => {
    const { id } = await createApiKey(db, wish);
    if (isRevoked) await deleteApiKey(db, id);
  });
  return key;
}
