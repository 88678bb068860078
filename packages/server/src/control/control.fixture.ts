import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { GraphQLSchema } from 'graphql';
import { systemClock } from '../platform/clock.ts';
import { GuessLimits } from '../platform/guess-limits.ts';
import { MailLimits } from '../platform/mail-limits.ts';
import { newApiKey } from '../platform/one-time-tokens.ts';
import { Passwords } from '../platform/passwords.ts';
import { readSecretKey } from '../platform/secret-key.ts';
import { SessionTokens } from '../platform/session-tokens.ts';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { createWebServer } from '../platform/web-server.ts';
import { createApiKey } from '../store/api-keys.ts';
import { addMember } from '../store/members.ts';
import { createOrganization } from '../store/organizations.ts';
import { createSource } from '../store/sources.ts';
import { openStore } from '../store/store.ts';
import { DIRECTORY_OF_STORES, databaseUrlFor } from '../store/test-database.fixture.ts';
import { createUser } from '../store/users.ts';
import { SetUpLink } from './accounts/set-up-link.ts';
import { Background } from './background.ts';
import { controlRoutes } from './control-routes.ts';
import type { Services } from './services.ts';
import { TrialLimits } from './trial-limits.ts';

/** Who makes what the tests begin with. */
export const OPERATOR = { id: null, name: 'operator', address: '' };

const NOBODY_ASKS = () => {
  throw new Error('this test asks nothing of it');
};

/** A control API on a port of its own, with a store in a directory of its own; time passes when `clock` is told to. */
export interface TestControl extends AsyncDisposable {
  readonly url: string;
  readonly clock: VirtualClock;
  readonly services: Services;
  /** What the log was told. */
  readonly bugs: unknown[];
  /** What was made in the beginning: an organization with an owner, a source and an API key. */
  readonly organization: string;
  readonly user: string;
  readonly source: string;
  readonly key: string;
  /** A token of the owner's, as of now. */
  token(): Promise<string>;
  close(): Promise<void>;
}

/** What a test brings along, in the place of what would be made for it. A store that it brings goes by its clock. */
export type Given = Partial<Omit<Services, 'clock'>> & { readonly clock?: VirtualClock };

/** By this header a test says from which address a request comes. */
export const ADDRESS_HEADER = 'x-from';

/** Starts one; the schema is asked for with the first request. */
export async function openControl(
  schema: () => Promise<GraphQLSchema>,
  given: Given = {},
): Promise<TestControl> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(DIRECTORY_OF_STORES, 'metarouter-control-'));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const { clock = new VirtualClock() } = given;
  const secretKey = readSecretKey(undefined, directory);
  const ownStore = async () => {
    const databaseUrl = await databaseUrlFor(directory);
    return openStore({ databaseUrl, dataDirectory: directory, clock, secretKey, logger: { warn: () => {} } });
  };
  const store = given.store ?? (await ownStore());
  if (given.store === undefined) opened.defer(() => store.close());
  const bugs: unknown[] = [];
  const onBug = (error: unknown) => void bugs.push(error);
  const services: Services = {
    store,
    destinations: new Map(),
    passwords: new Passwords(),
    sessions: new SessionTokens(secretKey, clock),
    guesses: new GuessLimits(clock),
    mailLimits: new MailLimits(clock),
    trials: new TrialLimits(clock),
    mail: () => {},
    publicUrl: 'http://127.0.0.1',
    signUp: 'open',
    setUp: new SetUpLink(),
    background: new Background(onBug, onBug),
    lanes: {
      trace: NOBODY_ASKS,
      deadLetters: NOBODY_ASKS,
      redeliver: NOBODY_ASKS,
      replay: NOBODY_ASKS,
      replays: NOBODY_ASKS,
      changeReplay: NOBODY_ASKS,
      ledger: NOBODY_ASKS,
      reasons: NOBODY_ASKS,
      preview: NOBODY_ASKS,
      testConnection: NOBODY_ASKS,
      recent: NOBODY_ASKS,
      counts: NOBODY_ASKS,
    },
    activity: { rejected: NOBODY_ASKS, live: NOBODY_ASKS },
    logger: { warn: () => {} },
    onBug,
    ...given,
    clock,
  };
  const made = await fill(services);
  const server = createWebServer({ handles: () => false, handle: () => {} }, systemClock, onBug);
  const control = controlRoutes(server.routes, { services, addressOf, schema });
  const url = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
  const close = async () => {
    await control.close();
    await server.close();
  };
  opened.defer(close);
  const all = opened.move();
  return {
    url,
    clock,
    services,
    bugs,
    ...made,
    async token() {
      const { token } = await services.sessions.issue({ userId: made.user, tokenVersion: 0 });
      return token;
    },
    close,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function addressOf({ headers }: IncomingMessage): string {
  const { [ADDRESS_HEADER]: from } = headers;
  return typeof from === 'string' ? from : '127.0.0.1';
}

async function fill({ store, clock }: Services) {
  const now = clock.now();
  const { key, hash, beginning } = newApiKey();
  const made = await store.change(OPERATOR, async ({ db }) => {
    const user = await createUser(db, { email: 'owner@acme.example', password: null, confirmedAt: now, now });
    if (user === 'conflict') throw new Error('there is an owner already');
    const organization = await createOrganization(db, store.sealer, { name: 'Acme', now });
    const member = {
      organizationId: organization.id,
      userId: user.id,
      role: 'OWNER',
      access: 'EDIT',
    } as const;
    await addMember(db, { ...member, sources: undefined, now });
    const source = await createSource(db, {
      organizationId: organization.id,
      name: 'Website',
      platform: 'server',
      now,
    });
    if (source === 'conflict') throw new Error('there is a source with this id already');
    const ownKey = {
      organizationId: organization.id,
      name: 'Script',
      role: 'OWNER',
      createdBy: user.id,
    } as const;
    await createApiKey(db, { ...ownKey, hash, beginning, now });
    return { user: user.id, organization: organization.id, source: source.id };
  });
  return { ...made, key };
}
