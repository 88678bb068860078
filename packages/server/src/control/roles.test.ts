import { expect, test } from 'vitest';
import type { Access, Role } from '../store/tables.ts';
import { may, NEED_WORDS, NEEDS, type Need } from './roles.ts';

/** About which source a question is: one that is granted by name, another one, or a new one. */
type About = 'named' | 'other' | 'new';
/** For which sources a User's access is. */
type For = 'all' | 'named' | 'none';

/** What a User may do, by access and by the sources that it is for: everything that is not here they may not. */
const USERS: Readonly<
  Record<Access, Readonly<Record<For, Readonly<Partial<Record<Need, readonly About[]>>>>>>
> = {
  VIEW: {
    all: { 'source.read': ['named', 'other', 'new'] },
    named: { 'source.read': ['named'] },
    none: {},
  },
  EDIT: {
    all: { 'source.read': ['named', 'other', 'new'], 'source.write': ['named', 'other', 'new'] },
    named: { 'source.read': ['named'], 'source.write': ['named'] },
    none: {},
  },
};
/** What every member may do. */
const EVERYBODY: readonly Need[] = ['organization.read', 'connection.list'];

const ROLES: readonly Role[] = ['OWNER', 'USER'];
const ACCESSES: readonly Access[] = ['VIEW', 'EDIT'];
const FORS: readonly For[] = ['all', 'named', 'none'];
const ABOUTS: readonly About[] = ['named', 'other', 'new'];

const SOURCES = { all: undefined, named: new Set(['named']), none: new Set<string>() };

test.each(
  ROLES.flatMap((role) =>
    ACCESSES.flatMap((access) => FORS.map((sources) => [role, access, sources] as const)),
  ),
)('%s with %s access to %s sources may do what the table of roles says', (role, access, sources) => {
  const membership = { organization: 'o', role, access, sources: SOURCES[sources] };
  for (const need of NEEDS)
    for (const about of ABOUTS) {
      const isGranted = USERS[access][sources][need]?.includes(about) ?? false;
      const expected = role === 'OWNER' || EVERYBODY.includes(need) || isGranted;
      expect(may(membership, need, about === 'new' ? undefined : about), `${need}, ${about}`).toBe(expected);
    }
});

test('each need has words that complete "Your role does not let you …"', () => {
  expect(Object.keys(NEED_WORDS).toSorted()).toEqual(NEEDS.toSorted());
  for (const words of Object.values(NEED_WORDS)) expect(words).toMatch(/^(see|change) .*[^.]$/);
});
