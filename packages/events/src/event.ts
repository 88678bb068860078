import type { Context } from './context.ts';
import { isAbsent, isJsonObject, type JsonObject } from './json.ts';

/** The six calls, each with the short name that its route has beside the long one. */
export const CALLS = {
  identify: 'i',
  track: 't',
  page: 'p',
  screen: 's',
  group: 'g',
  alias: 'a',
} as const;

export type CallType = keyof typeof CALLS;

const CALL_TYPES: ReadonlySet<string> = new Set(Object.keys(CALLS));

/** Whether a value names one of the six calls. */
export function isCallType(value: unknown): value is CallType {
  return typeof value === 'string' && CALL_TYPES.has(value);
}

/** What every event has. Times are ISO 8601 strings. Keys that the product does not know are kept. */
interface EventFrame {
  readonly messageId: string;
  /** Present unless `anonymousId` is; a custom event needs neither. */
  readonly userId?: string;
  readonly anonymousId?: string;
  /** When it happened, corrected for the skew of the client's clock. */
  readonly timestamp: string;
  /** The time that the client gave, as it gave it: not always a date. Absent when it gave none. */
  readonly originalTimestamp?: unknown;
  /** When the client says it sent the event, as it gave it. */
  readonly sentAt?: unknown;
  /** When the door received it. */
  readonly receivedAt: string;
  readonly context?: Context;
  /** Which destinations the client wants: absent means all. */
  readonly integrations?: JsonObject;
  /**
   * What a browser's or an app's SDK did itself, as it says: `bundled` lists the destinations that it has served, by
   * name. Not checked.
   */
  readonly _metadata?: unknown;
  readonly [key: string]: unknown;
}

/** Who a user is. */
export interface IdentifyEvent extends EventFrame {
  readonly type: 'identify';
  readonly traits?: JsonObject;
}

/** Something that a user did. */
export interface TrackEvent extends EventFrame {
  readonly type: 'track';
  readonly event: string;
  readonly properties?: JsonObject;
}

/** A web page that a user saw. */
export interface PageEvent extends EventFrame {
  readonly type: 'page';
  readonly name?: string;
  readonly category?: string;
  readonly section?: string;
  readonly properties?: JsonObject;
}

/** A screen of an app that a user saw. */
export interface ScreenEvent extends EventFrame {
  readonly type: 'screen';
  readonly name?: string;
  readonly category?: string;
  readonly properties?: JsonObject;
}

/** The group that a user belongs to. */
export interface GroupEvent extends EventFrame {
  readonly type: 'group';
  readonly groupId: string;
  readonly traits?: JsonObject;
}

/** Two identifiers of one user. */
export interface AliasEvent extends EventFrame {
  readonly type: 'alias';
  readonly previousId: string;
}

/**
 * Any JSON that happened, under a name. It stands in a frame of its own, since its members may be called `type` or
 * `timestamp` and mean something else; only the payload is the client's, and what destinations get that take it as it is.
 */
export interface CustomEvent extends EventFrame {
  readonly type: 'custom';
  /** The metadata's eventName. */
  readonly event: string;
  /** What the client sent, with its metadata completed: `_metarouter`, and the same as `_mrSchema`. */
  readonly payload: JsonObject;
}

/** One accepted call, as destinations receive it. */
export type Event =
  | IdentifyEvent
  | TrackEvent
  | PageEvent
  | ScreenEvent
  | GroupEvent
  | AliasEvent
  | CustomEvent;

/**
 * Reads an event back from the log: from its JSON text or its parsed JSON. The write key is left out, and so are
 * fields of the protocol that the client gave as null. Anything that the door would not have stored is undefined.
 */
export function parseEvent(stored: unknown): Event | undefined {
  const value = typeof stored === 'string' ? parseJson(stored) : stored;
  if (!isJsonObject(value)) return undefined;
  const event = withoutUnwanted(value);
  return isEvent(event) ? event : undefined;
}

/** The optional fields that clients are known to send as null. */
const NULLABLE = [
  'userId',
  'anonymousId',
  'context',
  'integrations',
  'traits',
  'properties',
  'name',
  'category',
  'section',
] as const;

/** Copies only when there is something to leave out: this runs for every event that is read. */
function withoutUnwanted(stored: JsonObject): JsonObject {
  if (!('writeKey' in stored) && !NULLABLE.some((field) => stored[field] === null)) return stored;
  const { writeKey, ...wanted } = stored;
  const event: Record<string, unknown> = wanted;
  for (const field of NULLABLE) if (event[field] === null) delete event[field];
  return event;
}

function isEvent(value: JsonObject): value is Event {
  return (
    typeof value.messageId === 'string' &&
    typeof value.timestamp === 'string' &&
    typeof value.receivedAt === 'string' &&
    isTextOrAbsent(value.userId) &&
    isTextOrAbsent(value.anonymousId) &&
    isObjectOrAbsent(value.context) &&
    isObjectOrAbsent(value.integrations) &&
    isEventType(value.type) &&
    hasFieldsOf(value.type, value)
  );
}

function isEventType(value: unknown): value is Event['type'] {
  return value === 'custom' || isCallType(value);
}

function hasFieldsOf(type: Event['type'], value: JsonObject): boolean {
  switch (type) {
    case 'identify':
      return isObjectOrAbsent(value.traits);
    case 'track':
      return typeof value.event === 'string' && isObjectOrAbsent(value.properties);
    case 'page':
    case 'screen':
      return isTextOrAbsent(value.name) && isObjectOrAbsent(value.properties);
    case 'group':
      return typeof value.groupId === 'string' && isObjectOrAbsent(value.traits);
    case 'alias':
      return typeof value.previousId === 'string';
    case 'custom':
      return typeof value.event === 'string' && isJsonObject(value.payload);
  }
}

function isTextOrAbsent(value: unknown): boolean {
  return isAbsent(value) || typeof value === 'string';
}

function isObjectOrAbsent(value: unknown): boolean {
  return isAbsent(value) || isJsonObject(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
