import { DESTINATIONS } from '@metarouter/destinations';
import type { Mail } from '../delivery/mail.ts';
import { Passwords } from '../platform/passwords.ts';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { type AuditEntry, listAuditEntries } from '../store/audit.ts';
import { addMember } from '../store/members.ts';
import type { OpenTestStore } from '../store/store.fixture.ts';
import type { Access, Role } from '../store/tables.ts';
import { createUser, type StoredUser } from '../store/users.ts';
import { ADDRESS_HEADER, type Given, OPERATOR, openControl, type TestControl } from './control.fixture.ts';
import { schema } from './schema.ts';
import { ScriptedLanes } from './scripted-lanes.fixture.ts';

/** How an operation is asked for, beside its text. */
export interface Asking {
  readonly variables?: Readonly<Record<string, unknown>>;
  /** A token or an API key; the owner's token when left out, and null for none. */
  readonly token?: string | null;
  /** The header `organization`; the organization of the fixture when left out, and null for none. */
  readonly organization?: string | null;
  /** The client's address. */
  readonly from?: string;
}

/** Somebody with an account. */
export interface Person extends Pick<StoredUser, 'id' | 'email'> {
  readonly token: string;
}

/** The real API on a real port, with all destinations, and with everything around it recorded. */
export interface Houston extends AsyncDisposable {
  readonly control: TestControl;
  readonly lanes: ScriptedLanes;
  /** What an operation answered: what is in `data` of its first field, or the whole when there were errors. */
  ask(query: string, asking?: Asking): Promise<unknown>;
  /** All mails to an address, those that go out in the background as well. */
  mailsTo(email: string): Promise<readonly Mail[]>;
  /** An account that is confirmed, with this password or none. */
  person(email: string, password?: string): Promise<Person>;
  /** The same, with a place in the fixture's organization. */
  member(email: string, place?: Partial<Place>): Promise<Person>;
  /** What the audit log says of an organization; by default the fixture's. Newest first. */
  audit(organization?: string): Promise<readonly AuditEntry[]>;
}

interface Place {
  readonly role: Role;
  readonly access: Access;
  readonly sources: readonly string[];
}

/** The cheapest hash there is: what passwords cost is tested where they are hashed. */
const CHEAP = { memory: 8, passes: 1, parallelism: 1 };

/** Starts it, on a store of its own or on one that is handed in. */
export async function openHouston(open?: OpenTestStore, given: Given = {}): Promise<Houston> {
  const mails: Mail[] = [];
  const lanes = new ScriptedLanes();
  const clock = given.clock ?? new VirtualClock();
  const control = await openControl(async () => schema, {
    destinations: DESTINATIONS,
    passwords: new Passwords(CHEAP),
    mail: (mail) => mails.push(mail),
    lanes,
    clock,
    ...(open !== undefined && { store: await open({ clock }) }),
    ...given,
  });
  // What a test makes is younger than what there is in the beginning.
  await clock.pass(1);
  const { services, organization } = control;
  const { store } = services;
  const person: Houston['person'] = async (email, password) => {
    const hash = password === undefined ? null : await services.passwords.hash(password);
    const now = clock.now();
    const user = await store.change(OPERATOR, ({ db }) =>
      createUser(db, { email, password: hash, confirmedAt: now, now }),
    );
    if (user === 'conflict') throw new Error(`${email} has an account already`);
    const { token } = await services.sessions.issue({ userId: user.id, tokenVersion: 0 });
    return { id: user.id, email: user.email, token };
  };
  return {
    control,
    lanes,
    async ask(query, { variables, token, organization: named, from } = {}) {
      const authorization = token === undefined ? await control.token() : token;
      const header = named === undefined ? organization : named;
      // biome-ignore lint/style/noRestrictedGlobals: the server under test is asked from outside.
      const response = await fetch(`${control.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(authorization !== null && { authorization }),
          ...(header !== null && { organization: header }),
          ...(from !== undefined && { [ADDRESS_HEADER]: from }),
        },
        body: JSON.stringify({ query, variables }),
      });
      const answer: unknown = await response.json();
      // Else the mails of two operations would come in either order.
      await services.background.settled();
      return valueAt(answer, 'errors') === undefined ? firstOf(valueAt(answer, 'data')) : answer;
    },
    async mailsTo(email) {
      await services.background.settled();
      return mails.filter(({ to }) => to === email);
    },
    person,
    async member(email, { role = 'USER', access = 'EDIT', sources } = {}) {
      const made = await person(email);
      const place = { organizationId: organization, userId: made.id, role, access, sources };
      await store.change(OPERATOR, ({ db }) => addMember(db, { ...place, now: clock.now() }));
      return made;
    },
    audit: async (of = organization) => (await listAuditEntries(store.db, of, { first: 200 })).entries,
    [Symbol.asyncDispose]: () => control[Symbol.asyncDispose](),
  };
}

/** The token in the link of a mail. */
export function tokenIn(mail: Mail | undefined): string {
  const [, token] = /\?token=([\w-]{43})\b/.exec(mail?.text ?? '') ?? [];
  if (token === undefined) throw new Error(`there is no token in the mail: ${mail?.text}`);
  return token;
}

/** What lies in an answer under these keys; undefined when nothing does. */
export function valueAt(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? new Map(Object.entries(inner)).get(key) : undefined,
    value,
  );
}

/** The text under these keys, such as the id of what was made. Throws when there is none. */
export function textAt(value: unknown, ...keys: readonly string[]): string {
  const found = valueAt(value, ...keys);
  if (typeof found === 'string') return found;
  throw new Error(`there is no text at ${keys.join('.')} of ${JSON.stringify(value)}`);
}

function firstOf(data: unknown): unknown {
  return typeof data === 'object' && data !== null ? Object.values(data)[0] : undefined;
}
