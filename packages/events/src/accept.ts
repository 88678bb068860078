import { type Call, isEmptyArray, isObject, jsonOf, type Part } from './call.ts';
import { CALLS, type CallType, isCallType } from './event.ts';
import { checkMessageId, isBlank, orderKeyOf } from './identifier.ts';
import type { Inheritance } from './inheritance.ts';
import { parseIsoTime } from './iso-time.ts';
import { isAbsent } from './json.ts';
import { correctTimestamp, type Moment } from './stamps.ts';

/** What the calls of one request have in common. */
export interface Circumstances {
  /** The route's call. Undefined in a batch, where each item names its own. */
  readonly type: CallType | undefined;
  readonly received: Moment;
  readonly inherited: Inheritance;
  /** Makes the messageId of a call that has none. */
  readonly newId: () => string;
}

/** What the door decides on one call. */
export type Verdict = Accepted | Refused;

/** A call that becomes an event. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly type: CallType;
  readonly messageId: string;
  /** The userId, else the anonymousId; without control characters, which the log keeps out of its records. */
  readonly orderKey: string;
  /**
   * JSON members, each with a comma before it, to be put between the call's last member and its closing brace. Since
   * JSON.parse lets the last of several equal keys win, the received bytes with these members are the whole event.
   */
  readonly splice: string;
  /** The same for the closing brace of the call's own `context` object; empty when nothing is to be added there. */
  readonly contextSplice: string;
}

/** A call that is refused, with everything that is wrong with it. */
export interface Refused {
  readonly kind: 'refused';
  readonly faults: readonly string[];
}

/**
 * Decides on one call. `clientIp` is the sender's address where it may stand for the
 * user's (undefined for servers): it becomes `context.ip` when the client gave none.
 */
export function accept(call: Call, circumstances: Circumstances, clientIp: string | undefined): Verdict {
  const { received, inherited } = circumstances;
  const draft = new Draft();
  const type = circumstances.type ?? call.type;
  const userId = draft.identifier('userId', call.userId);
  const anonymousId = draft.identifier('anonymousId', call.anonymousId);
  if (isBlank(call.userId) && isBlank(call.anonymousId))
    draft.faults.push('userId or anonymousId is required');
  const messageId = messageIdOf(call, draft) ?? circumstances.newId();
  if (isCallType(type)) checkFieldsOf(type, call, draft);
  else draft.faults.push(`type must be one of ${Object.keys(CALLS).join(', ')}`);
  draft.object('integrations', call.integrations);
  if (!isObject(call.context)) draft.object('context', call.context);
  if (draft.faults.length > 0 || !isCallType(type)) return { kind: 'refused', faults: draft.faults };

  if (type !== call.type) draft.add('type', type);
  if (isBlank(call.messageId)) draft.add('messageId', messageId);
  addStamps(call, received, inherited, draft);
  if (isAbsent(call.integrations)) draft.addText('integrations', inherited.texts.get('integrations'));
  const contextSplice = addContext(call.context, inherited, clientIp, draft);
  return {
    kind: 'accepted',
    type,
    messageId,
    orderKey: orderKeyOf(userId ?? anonymousId ?? ''),
    splice: draft.splice,
    contextSplice,
  };
}

/** The faults found so far, and the members to add should there be none. */
class Draft {
  readonly faults: string[] = [];
  splice = '';

  add(field: string, value: unknown): void {
    this.addText(field, jsonOf(value));
  }

  addText(field: string, json: string | undefined): void {
    if (json !== undefined) this.splice += `,"${field}":${json}`;
  }

  /** Identifiers are strings. A number is taken as its digits, unless JSON.parse has already lost some of them. */
  identifier(field: string, value: unknown): string | undefined {
    if (isBlank(value)) return undefined;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) {
      this.add(field, String(value));
      return String(value);
    }
    this.faults.push(`${field} must be a string`);
    return undefined;
  }

  requiredIdentifier(field: string, value: unknown): void {
    if (isBlank(value)) this.faults.push(`${field} is required`);
    else this.identifier(field, value);
  }

  text(field: string, value: unknown): void {
    if (!isAbsent(value) && typeof value !== 'string') this.faults.push(`${field} must be a string`);
  }

  /** An empty array is PHP's spelling of an empty object. */
  object(field: string, value: unknown): void {
    if (isAbsent(value) || isObject(value)) return;
    if (isEmptyArray(value)) this.addText(field, '{}');
    else this.faults.push(`${field} must be an object`);
  }
}

function checkFieldsOf(type: CallType, call: Call, draft: Draft): void {
  switch (type) {
    case 'identify':
      return draft.object('traits', call.traits);
    case 'track':
      checkEventName(call, draft);
      return draft.object('properties', call.properties);
    case 'page':
    case 'screen':
      draft.text('name', call.name);
      return draft.object('properties', call.properties);
    case 'group':
      draft.requiredIdentifier('groupId', call.groupId);
      return draft.object('traits', call.traits);
    case 'alias':
      return draft.requiredIdentifier('previousId', call.previousId);
  }
}

/** A track call's name may also stand under the documented `eventName`. */
function checkEventName(call: Call, draft: Draft): void {
  const name = isBlank(call.event) ? call.eventName : call.event;
  if (isBlank(name)) draft.faults.push('event is required');
  else if (typeof name !== 'string') draft.faults.push('event must be a string');
  else if (name !== call.event) draft.add('event', name);
}

/** The client's messageId. Undefined when it gave none, and when it is refused. */
function messageIdOf(call: Call, draft: Draft): string | undefined {
  const id = draft.identifier('messageId', call.messageId);
  if (id !== undefined) checkMessageId('messageId', id, draft.faults);
  return id;
}

/** RudderStack's SDKs give the time as `originalTimestamp`, without a `timestamp`. */
function addStamps(call: Call, received: Moment, inherited: Inheritance, draft: Draft): void {
  const given = call.timestamp ?? call.originalTimestamp ?? inherited.timestamp;
  const sent = isAbsent(call.sentAt) ? inherited.sent : parseIsoTime(call.sentAt);
  const happened = parseIsoTime(given);
  const timestamp = correctTimestamp(given, happened, sent, received);
  if (isAbsent(call.sentAt)) draft.addText('sentAt', inherited.texts.get('sentAt'));
  draft.splice += received.receivedAt;
  if (!isAbsent(given) && given !== call.originalTimestamp) {
    // A date has nothing in it that JSON would escape.
    draft.addText('originalTimestamp', happened === undefined ? jsonOf(given) : `"${String(given)}"`);
  }
  if (timestamp !== call.timestamp) draft.addText('timestamp', `"${timestamp}"`);
}

/** Adds what the context lacks, and returns what goes inside the call's own context object. */
function addContext(
  context: unknown,
  inherited: Inheritance,
  clientIp: string | undefined,
  draft: Draft,
): string {
  const own = isObject(context) ? context : undefined;
  if (own === undefined || inherited.context !== undefined) {
    draft.addText('context', inherited.contextText(own?.members(), clientIp));
    return '';
  }
  return clientIp === undefined ? '' : spliceOfIp(own, clientIp);
}

/** The `ip` member for a context that has none. */
function spliceOfIp(context: Part, clientIp: string): string {
  const members = context.members();
  if (!isAbsent(members.ip)) return '';
  const comma = Object.keys(members).length === 0 ? '' : ',';
  return `${comma}"ip":${JSON.stringify(clientIp)}`;
}
