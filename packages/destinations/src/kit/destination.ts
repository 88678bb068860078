import type { Event } from '@metarouter/events';
import type { Fault, Fields, Values } from './field.ts';
import { type Answer, type OutgoingRequest, skip } from './request.ts';

/** What a handler is given beside the event. */
interface Settings<C extends Fields, S extends Fields> {
  readonly connection: Values<C>;
  readonly config: Values<S>;
}

type Handler<C extends Fields, S extends Fields> = (
  event: Event,
  settings: Settings<C, S>,
) => OutgoingRequest | Answer;

/** A kind of tool that events can be sent to, as its author writes it: everything about it in one place. */
export interface Declaration<C extends Fields, S extends Fields> {
  /** The name in files and the folder's name: lower case with dashes. */
  readonly code: string;
  readonly name: string;
  /** What a person gets from it, in a sentence. */
  readonly purpose: string;
  /** Where its protocol is described. */
  readonly docs: string;
  readonly limits: Limits;
  /** The stored credentials. */
  readonly connection: C;
  /** What one pipeline sets for itself. */
  readonly config: S;
  /** By event type; `any` takes what no other handler takes. An event that none takes is skipped. */
  readonly on: { readonly [T in Event['type'] | 'any']?: Handler<C, S> };
}

/** How hard a destination may be driven. */
export interface Limits {
  /** Deliveries of one pipeline that may be under way at the same time. */
  readonly concurrency: number;
}

/** A declaration with its author's types closed over, so that all destinations fit in one list. */
export interface Destination {
  readonly code: string;
  readonly name: string;
  readonly purpose: string;
  readonly docs: string;
  readonly limits: Limits;
  readonly connection: Fields;
  readonly config: Fields;
  /** What its author wrote handlers for. */
  readonly handles: readonly string[];
  /** Everything wrong with stored values, with paths from `connection` and `config`. Empty when they can be used. */
  check(connection: unknown, config: unknown): readonly Fault[];
  /** The stored texts that must never be shown. */
  secrets(connection: unknown, config: unknown): readonly string[];
  /** Reads the stored values once; the planner it returns is pure. Throws when `check` has complaints. */
  prepare(connection: unknown, config: unknown): Planner;
}

/** Turns an event into the requests that deliver it, or says why there are none. Throws only on a bug. */
export type Planner = (event: Event) => Answer;

/** Declares a destination. */
export function destination<C extends Fields, S extends Fields>(declared: Declaration<C, S>): Destination {
  const { on, ...about } = declared;
  const handlers = new Map<string, Handler<C, S>>(Object.entries(on));
  const read = (connection: unknown, config: unknown) => {
    const faults: Fault[] = [];
    const values = {
      connection: readAll(declared.connection, connection, 'connection', faults),
      config: readAll(declared.config, config, 'config', faults),
    };
    return { faults, values };
  };
  return {
    ...about,
    handles: [...handlers.keys()],
    check: (connection, config) => read(connection, config).faults,
    secrets: (connection, config) => [
      ...secretTexts(declared.connection, connection),
      ...secretTexts(declared.config, config),
    ],
    prepare(connection, config) {
      const { faults, values } = read(connection, config);
      const [first] = faults;
      if (first !== undefined) throw new Error(`${declared.code}: ${first.path} ${first.message}`);
      return (event) => {
        const handler = handlers.get(event.type) ?? handlers.get('any');
        if (handler === undefined) return skip(`${declared.name} takes no ${event.type} calls`);
        const answer = handler(event, values);
        return 'url' in answer ? [answer] : answer;
      };
    },
  };
}

function readAll<F extends Fields>(fields: F, stored: unknown, root: string, faults: Fault[]): Values<F> {
  const given = entriesOf(stored);
  if (given === undefined) faults.push({ path: root, message: 'must be names with values' });
  for (const name of given?.keys() ?? []) {
    if (!Object.hasOwn(fields, name))
      faults.push({ path: `${root}.${name}`, message: 'is not a setting of this destination' });
  }
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const reading = field.read(given?.get(name));
    if (reading.ok) values[name] = reading.value;
    else faults.push(...reading.faults.map((fault) => ({ ...fault, path: `${root}.${name}${fault.path}` })));
  }
  // The only cast: each value was read by the field of that name, which the compiler cannot follow through a loop.
  return values as Values<F>;
}

function secretTexts(fields: Fields, stored: unknown): readonly string[] {
  const given = entriesOf(stored);
  return Object.entries(fields).flatMap(([name, field]) => (field.secret ? textsIn(given?.get(name)) : []));
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function entriesOf(stored: unknown): ReadonlyMap<string, unknown> | undefined {
  if (stored === undefined) return new Map();
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return undefined;
  return new Map(Object.entries(stored));
}
