import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { DESTINATIONS } from '@metarouter/destinations';
import type { Mail } from '../../delivery/mailer.ts';
import { systemClock } from '../../platform/clock.ts';
import { GuessLimits } from '../../platform/guess-limits.ts';
import { MailLimits } from '../../platform/mail-limits.ts';
import { Passwords } from '../../platform/passwords.ts';
import { SessionTokens } from '../../platform/session-tokens.ts';
import { createWebServer } from '../../platform/web-server.ts';
import type { TestStore } from '../../store/store.fixture.ts';
import { SetUpLink } from '../accounts/set-up-link.ts';
import { Background } from '../background.ts';
import { controlRoutes } from '../control-routes.ts';
import { schema } from '../schema.ts';
import type { Services } from '../services.ts';
import { TrialLimits } from '../trial-limits.ts';
import { makeCallers, type TestCaller } from './callers.fixture.ts';
import { documentFor } from './document.fixture.ts';
import type { Header, Side } from './houston.fixture.ts';
import { type RecordedStore, recorded } from './recorded-store.fixture.ts';
import { RecordingLanes } from './recording-lanes.fixture.ts';
import { type FilledSide, fillSide } from './side.fixture.ts';

/** Two organizations that know nothing of each other, everybody who could call, and the API that stands between them. */
export interface World {
  readonly sides: Readonly<Record<Side, FilledSide>>;
  readonly callers: readonly TestCaller[];
  readonly store: RecordedStore;
  readonly lanes: RecordingLanes;
  readonly mails: Mail[];
  readonly bugs: unknown[];
  /** Calls a root field, asks for all that it can answer, and waits until all that it set off is done. */
  call(
    field: string,
    caller: Pick<TestCaller, 'authorization'>,
    header: Header,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<Called>;
  close(): Promise<void>;
}

/** What came of a call. */
export interface Called {
  /** The answer, byte for byte. */
  readonly text: string;
  /** The code of a refusal; `done` when there is none. */
  readonly verdict: string;
  /** What the field answered; undefined when it was refused with an error. */
  readonly data: unknown;
  /** What the call had the database do. */
  readonly statements: readonly string[];
  /** The ids that lanes and door were asked for. */
  readonly asked: readonly string[];
  /** Whether something in the store was changed. */
  readonly hasChanged: boolean;
}

/** Opens it over a new store. */
export async function openWorld(store: TestStore): Promise<World> {
  const { clock, secretKey } = store.options;
  const now = clock.now();
  const sides = { A: await fillSide(store, 'A', now), B: await fillSide(store, 'B', now) };
  const callers = await makeCallers(store, sides, secretKey, now);
  const lanes = new RecordingLanes(Object.values(sides));
  const records = recorded(store);
  const mails: Mail[] = [];
  const bugs: unknown[] = [];
  const onBug = (error: unknown) => void bugs.push(error);
  const background = new Background(onBug, onBug);
  const services: Services = {
    clock,
    store: records,
    destinations: DESTINATIONS,
    passwords: new Passwords(),
    sessions: new SessionTokens(secretKey, clock),
    // Those who guess and flood are limited elsewhere: here each call is the first.
    get guesses() {
      return new GuessLimits(clock);
    },
    get mailLimits() {
      return new MailLimits(clock);
    },
    get trials() {
      return new TrialLimits(clock);
    },
    mail: (mail) => void mails.push(mail),
    publicUrl: 'http://127.0.0.1',
    signUp: 'open',
    setUp: new SetUpLink(),
    background,
    lanes,
    activity: lanes,
    logger: { warn: () => {} },
    onBug,
  };
  const server = createWebServer({ handles: () => false, handle: () => {} }, systemClock, onBug);
  const control = controlRoutes(server.routes, { services, addressOf: () => '127.0.0.1' });
  const port = await server.listen('127.0.0.1', 0);
  const agent = new Agent({ keepAlive: true });

  async function post(path: string, headers: readonly string[], body: string): Promise<string> {
    const fixed = ['host', `127.0.0.1:${port}`, 'content-type', 'application/json'];
    const length = ['content-length', `${Buffer.byteLength(body)}`, 'accept', 'text/event-stream'];
    const call = request({ port, agent, path, method: 'POST', headers: [...fixed, ...length, ...headers] });
    call.end(body);
    const [response]: IncomingMessage[] = await once(call, 'response');
    if (response === undefined) throw new Error('there was no response');
    return await text(response);
  }

  return {
    sides,
    callers,
    store: records,
    lanes,
    mails,
    bugs,
    async call(field, { authorization }, header, variables) {
      const path = field.startsWith('Subscription.') ? '/graphql/stream' : '/graphql';
      const query = documentFor(schema, field, Object.keys(variables));
      const headers = [
        ...(authorization === undefined ? [] : ['authorization', authorization]),
        ...headersFor(header, sides),
      ];
      const version = await store.version();
      records.statements.length = 0;
      lanes.asked.length = 0;
      const answer = await post(path, headers, JSON.stringify({ query, variables }));
      await background.settled();
      return {
        text: answer,
        ...meaningOf(answer),
        statements: [...records.statements],
        asked: [...lanes.asked],
        hasChanged: (await store.version()) !== version,
      };
    },
    async close() {
      await control.close();
      await server.close();
      agent.destroy();
    },
  };
}

function headersFor(header: Header, sides: World['sides']): readonly string[] {
  switch (header) {
    case 'missing':
      return [];
    case 'malformed':
      return ['organization', `${sides.A.organization}, or so`];
    case 'twice':
      return ['organization', sides.A.organization, 'Organization', sides.A.organization];
    default:
      return ['organization', sides[header].organization];
  }
}

/** What an answer says: the code of its first error, or of a field that says itself that it was not done, and the data. */
function meaningOf(answer: string): Pick<Called, 'verdict' | 'data'> {
  const json = answer.startsWith('{') ? answer : /^data: (\{.*)$/m.exec(answer)?.[1];
  const body: unknown = JSON.parse(json ?? '{}');
  const [error] = listIn(memberOf(body, 'errors'));
  const [data] = Object.values(objectIn(memberOf(body, 'data')));
  const code = memberOf(memberOf(error, 'extensions'), 'code') ?? memberOf(data, 'code');
  return { verdict: typeof code === 'string' ? code : 'done', data };
}

function memberOf(value: unknown, name: string): unknown {
  return objectIn(value)[name];
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
