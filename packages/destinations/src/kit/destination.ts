import { asTrack, type Event } from '@metarouter/events';
import { type Api, addressing, asGiven, credentialsOf, ENDPOINT } from './api.ts';
import { type Batch, batchOf, type DeclaredBatch } from './batch.ts';
import { type ConnectionTest, type DeclaredTest, isUnchecked, type Unchecked } from './connection-test.ts';
import type { Fault, Fields, Values } from './field.ts';
import type { Outcomes } from './outcome.ts';
import type { Mode, Platform } from './reach.ts';
import { type Answer, isRefusal, isSkip, type OutgoingRequest, type Sending, skip } from './request.ts';
import { readAll, secretTexts } from './stored-values.ts';

/** What a handler is given beside the event. */
interface Settings<C extends Fields, S extends Fields> {
  readonly connection: Values<C>;
  readonly config: Values<S>;
}

type Handler<E, C extends Fields, S extends Fields> = (
  event: E,
  settings: Settings<C, S>,
) => OutgoingRequest | readonly OutgoingRequest[] | Answer;

/** What both the author and the product see of a destination. */
interface About {
  /** The name in files and the folder's name: lower case with dashes. */
  readonly code: string;
  readonly name: string;
  /** What a person gets from it, in a sentence. */
  readonly purpose: string;
  /** Where its protocol is described. */
  readonly docs: string;
  /** Who sends to it. Without `cloud` it has no handlers, and the server leaves every event to the browser. */
  readonly modes: readonly Mode[];
  /** The kinds of sources whose events it can get. */
  readonly platforms: readonly Platform[];
  readonly limits: Limits;
  /** What answers mean, by status, where more is known than the general rules say. */
  readonly outcomes: Outcomes;
  readonly troubleshooting: readonly Trouble[];
}

/** How hard a destination may be driven, and what it does not take. */
export interface Limits {
  /** Deliveries of one pipeline that may be under way at the same time. */
  readonly concurrency: number;
  /** Requests in any second, all pipelines with the same credentials together. Absent for no limit. */
  readonly requestsPerSecond?: number;
  /** For people: what is left out, shortened or refused. Sentences. */
  readonly data: readonly string[];
}

/** Something that people run into, and what helps. */
export interface Trouble {
  readonly symptom: string;
  readonly remedy: string;
}

/** A kind of tool that events can be sent to, as its author writes it: everything about it in one place. */
export interface Declaration<C extends Fields, S extends Fields> extends About {
  /** The stored credentials. */
  readonly connection: C;
  /** What one pipeline sets for itself. */
  readonly config: S;
  /** Absent when requests go to addresses that the connection gives. */
  readonly api?: Api<C>;
  /** How the credentials are checked without sending an event, or why they cannot be. */
  readonly test: DeclaredTest<Values<C>>;
  /** How several events go in one request. Absent, or undefined for these settings: each in its own. */
  readonly batch?: (settings: Settings<C, S>) => DeclaredBatch | undefined;
  /**
   * By event type; `any` takes what no other handler takes. An event that none takes is skipped. A custom event is a
   * track call where no handler of its own takes it as it is.
   */
  readonly on: { readonly [T in Event['type']]?: Handler<Extract<Event, { type: T }>, C, S> } & {
    readonly any?: Handler<Event, C, S>;
  };
}

/** A declaration with its author's types closed over, so that all destinations fit in one list. */
export interface Destination extends About {
  readonly connection: Fields;
  readonly config: Fields;
  /** What its author wrote handlers for. */
  readonly handles: readonly string[];
  /** For people: what a test of a connection asks, or why there is none. A sentence. */
  readonly tested: string;
  /** Everything wrong with stored values, with paths from `connection` and `config`. Empty when they can be used. */
  check(connection: unknown, config: unknown): readonly Fault[];
  /** The texts that must never be shown: stored ones, and what headers make of them. */
  secrets(connection: unknown, config: unknown): readonly string[];
  /** Reads the stored values once; the planner it returns is pure. Throws when `check` has complaints. */
  prepare(connection: unknown, config: unknown): Planner;
  /** How several events go in one request; undefined when each goes in its own. Throws like `prepare`. */
  batch(connection: unknown, config: unknown): Batch | undefined;
  /** How the stored credentials are checked without sending an event. Throws when `check` has complaints of them. */
  test(connection: unknown): ConnectionTest | Unchecked;
}

/** What becomes of every event at a destination that only browsers send to. */
export const LEFT_TO_BROWSER = skip('device mode: it is left to the browser');

/** Turns an event into the requests that deliver it, or says why there are none. Throws only on a bug. */
export type Planner = (event: Event) => Answer;

/** Declares a destination. */
export function destination<C extends Fields, S extends Fields>(declared: Declaration<C, S>): Destination {
  const { on, api, batch: declaredBatch, test, ...about } = declared;
  const fields = api === undefined ? declared.connection : { ...declared.connection, ...ENDPOINT };
  const readConnection = (stored: unknown, faults: Fault[]) => readAll(fields, stored, 'connection', faults);
  const readConfig = (stored: unknown, faults: Fault[]) => readAll(declared.config, stored, 'config', faults);
  const faultless = <T>(read: (faults: Fault[]) => T): T => {
    const faults: Fault[] = [];
    const values = read(faults);
    const [first] = faults;
    if (first !== undefined) throw new Error(`${declared.code}: ${first.path} ${first.message}`);
    return values;
  };
  const settingsOf = (connection: unknown, config: unknown) =>
    faultless((faults) => ({
      connection: readConnection(connection, faults),
      config: readConfig(config, faults),
    }));
  return {
    ...about,
    connection: fields,
    handles: Object.keys(on),
    tested: isUnchecked(test) ? test.unchecked : test.asks,
    check(connection, config) {
      const faults: Fault[] = [];
      readConnection(connection, faults);
      readConfig(config, faults);
      return faults;
    },
    secrets(connection, config) {
      const stored = [...secretTexts(fields, connection), ...secretTexts(declared.config, config)];
      const faults: Fault[] = [];
      const values = readConnection(connection, faults);
      if (api === undefined || faults.length > 0) return stored;
      return [...stored, credentialsOf(api.authorization(values))];
    },
    prepare(connection, config) {
      const values = settingsOf(connection, config);
      if (!declared.modes.includes('cloud')) return () => LEFT_TO_BROWSER;
      const address = api === undefined ? asGiven : addressing(api, values.connection);
      return (event) => {
        const answer = handle(on, event, values);
        if (answer === undefined) return skip(`${declared.name} takes no ${event.type} calls`);
        if (isSkip(answer) || isRefusal(answer)) return answer;
        const { requests, notes } = sendingOf(answer);
        // Nothing would ever answer a delivery without requests.
        if (requests.length === 0) throw new Error('it sends nothing and does not say why');
        return { requests: address(requests), notes };
      };
    },
    batch(connection, config) {
      const batch = declaredBatch?.(settingsOf(connection, config));
      return batch === undefined ? undefined : batchOf(batch);
    },
    test(connection) {
      const values = faultless((faults) => readConnection(connection, faults));
      if (isUnchecked(test)) return test;
      const address = api === undefined ? asGiven : addressing(api, values);
      return {
        requests: address(test.requests(values)),
        read: (answers) => test.read(answers, values),
      };
    },
  };
}

/** The handler's word on the event; undefined when there is no handler for it. */
function handle<C extends Fields, S extends Fields>(
  on: Declaration<C, S>['on'],
  event: Event,
  settings: Settings<C, S>,
): ReturnType<Handler<Event, C, S>> | undefined {
  switch (event.type) {
    case 'identify':
      return (on.identify ?? on.any)?.(event, settings);
    case 'track':
      return (on.track ?? on.any)?.(event, settings);
    case 'page':
      return (on.page ?? on.any)?.(event, settings);
    case 'screen':
      return (on.screen ?? on.any)?.(event, settings);
    case 'group':
      return (on.group ?? on.any)?.(event, settings);
    case 'alias':
      return (on.alias ?? on.any)?.(event, settings);
    case 'custom':
      return on.custom === undefined ? handle(on, asTrack(event), settings) : on.custom(event, settings);
  }
}

const NO_NOTES: readonly string[] = [];

function sendingOf(answer: OutgoingRequest | readonly OutgoingRequest[] | Sending): Sending {
  if ('requests' in answer) return answer;
  return { requests: 'url' in answer ? [answer] : answer, notes: NO_NOTES };
}
