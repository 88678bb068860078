import { isJsonObject, type JsonObject } from './json.ts';

/** A received body in both its forms. */
export interface Body {
  /** One character for each byte, whatever the bytes' encoding: JSON's own characters are the same. */
  readonly latin1: string;
  /** Whether there may be a control character in it, line ends included: then strings are looked at byte by byte. */
  readonly hasControls: boolean;
  /** The text that the bytes from `start` up to `end` spell in UTF-8. */
  textOf(start: number, end: number): string;
}

/** An object or array that was checked but not made: what the door does not look into costs no memory. */
export class Part {
  /** The offset of its opening bracket in the body. */
  readonly start: number;
  /** The offset of its closing bracket. */
  readonly end: number;
  readonly #body: Body;

  constructor(body: Body, start: number, end: number) {
    this.#body = body;
    this.start = start;
    this.end = end;
  }

  /** Whether it is an object, and no array. */
  get isObject(): boolean {
    return this.#body.latin1.charCodeAt(this.start) === OPEN_BRACE;
  }

  /** Its JSON, as the client wrote it. */
  get text(): string {
    return this.#body.textOf(this.start, this.end + 1);
  }

  /** The members of an object, made anew each time; none for an array. */
  members(): JsonObject {
    const value: unknown = JSON.parse(this.text);
    return isJsonObject(value) ? value : {};
  }
}

/** Whether a member is an object. */
export function isObject(member: unknown): member is Part {
  return member instanceof Part && member.isObject;
}

/** Whether a member is an array. */
export function isArray(member: unknown): boolean {
  return member instanceof Part && !member.isObject;
}

/** Whether a member is an empty array: PHP's spelling of an empty object. */
export function isEmptyArray(member: unknown): boolean {
  return member instanceof Part && !member.isObject && member.text.slice(1, -1).trim() === '';
}

/** A member's JSON. */
export function jsonOf(member: unknown): string {
  return member instanceof Part ? member.text : JSON.stringify(member);
}

/** What makes a call dangerous to work with, though it is valid JSON. */
export type CallFault = 'too_deep' | 'too_many_keys' | 'forbidden_key';

/**
 * A call, or the batch around calls, as it lies in a body: offsets, and the members that the door looks at. Such a
 * member is a string, number, boolean, null, or a `Part`; undefined when it is absent. The last of several equal keys
 * counts, as it does for JSON.parse.
 */
export class Call {
  /** The offset of its opening brace. */
  readonly start: number;
  /** The offset of its closing brace. */
  end = -1;
  /** The first thing found wrong in it; in a batch each call answers for itself. */
  fault: CallFault | undefined = undefined;
  /** How many keys it has, all levels together. */
  keys = 0;

  type: unknown = undefined;
  name: unknown = undefined;
  event: unknown = undefined;
  batch: unknown = undefined;
  userId: unknown = undefined;
  sentAt: unknown = undefined;
  traits: unknown = undefined;
  context: unknown = undefined;
  groupId: unknown = undefined;
  writeKey: unknown = undefined;
  messageId: unknown = undefined;
  eventName: unknown = undefined;
  timestamp: unknown = undefined;
  previousId: unknown = undefined;
  properties: unknown = undefined;
  anonymousId: unknown = undefined;
  integrations: unknown = undefined;
  originalTimestamp: unknown = undefined;

  constructor(start: number) {
    this.start = start;
  }
}

/** The name of a member that the door looks at. */
export type Field = Exclude<keyof Call, 'start' | 'end' | 'fault' | 'keys'>;

const FIELDS: readonly Field[] = [
  'type',
  'name',
  'event',
  'batch',
  'userId',
  'sentAt',
  'traits',
  'context',
  'groupId',
  'writeKey',
  'messageId',
  'eventName',
  'timestamp',
  'previousId',
  'properties',
  'anonymousId',
  'integrations',
  'originalTimestamp',
];

/** The fields by the length of their names, so that a key is compared with three of them at most. */
export const FIELDS_OF_LENGTH: readonly (readonly Field[])[] = Array.from(
  { length: 1 + Math.max(...FIELDS.map(({ length }) => length)) },
  (_, length) => FIELDS.filter((field) => field.length === length),
);

const OPEN_BRACE = 0x7b;
