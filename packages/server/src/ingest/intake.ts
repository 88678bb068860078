import {
  accept,
  BATCH_ITEMS_MAX,
  type Call,
  type CallType,
  type Circumstances,
  type Event,
  Inheritance,
  inheritanceFaults,
  isArray,
  isObject,
  KB,
  momentOf,
  nothingInherited,
  readCalls,
} from '@metarouter/events';
import type { NewRecord } from '../log/event-log.ts';
import { type Problem, problem } from '../platform/problem.ts';
import type { Workspace } from '../store/workspace.ts';
import { outOfBounds, REMEDIES } from './call-bounds.ts';
import { bodyOf } from './received-body.ts';
import { writeKeyIn } from './write-key.ts';

/**
 * The most bytes that a batch may hand down to its events, all copies together: 4 MB. Every event is stored with its own
 * copy, so that without a bound a small request could fill the disk, and keep everybody waiting. No SDK hands down more
 * than 1 KB, and never to 2,500 events.
 */
export const HANDED_DOWN_BYTES_MAX = 4 * KB * KB;

/** What is to be stored of one call, and what kind of event it is. */
export interface TakenRecord extends NewRecord {
  readonly type: Event['type'];
}

/** What a request's body came to: what to store, and why the rest of it is refused. */
export interface Intake {
  readonly records: readonly TakenRecord[];
  /** One entry for each fault, so several for a call that has several, next to each other. */
  readonly rejections: readonly Rejection[];
  /** Whether the calls came as a batch, whose refusal looks different. */
  readonly batched?: boolean;
}

/** One fault of one call, or of a batch as a whole. */
export interface Rejection {
  /** The call's place in its batch; 0 for a single call. */
  readonly index: number;
  /** As the client gave it; null when it is not a text. */
  readonly messageId: string | null;
  /** Undefined when the source is not known. */
  readonly source: string | undefined;
  readonly problem: Problem;
  /** Where the call lies in the body; undefined for an item that is no object. */
  readonly call?: Pick<Call, 'start' | 'end'> | undefined;
  /** How many events a batch as a whole has; 1 when absent. */
  readonly events?: number;
}

/** What a route says about the calls in its bodies. */
export interface Expected {
  /** The route's call; undefined where each call names its own. */
  readonly type: CallType | undefined;
  /** Whether the calls are the items of the body's `batch`, or the body is itself the call. */
  readonly batched: boolean;
  /** A write key that replaces those in the body. */
  readonly imposedKey?: string | undefined;
}

/** What is known about a request beside its body. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly workspace: Workspace;
  /** The most bytes of one call's JSON. */
  readonly eventBytesMax: number;
  readonly newId: () => string;
  /** The write key outside the body, for calls that find none in it. */
  readonly writeKey: () => string | undefined;
  /** The address that the request came from. */
  readonly clientAddress: () => string | undefined;
}

/** Turns a body into records, without copying its bytes. A problem refuses the request as a whole. */
export function takeIn(body: Buffer, expected: Expected, surroundings: Surroundings): Intake | Problem {
  const calls = readCalls(bodyOf(body), expected.batched);
  if (calls === undefined) return problem('invalid_body', 'the body is not a JSON object');
  const { root, items } = calls;
  return expected.batched
    ? takeBatch(root, items, body, expected, surroundings)
    : takeSingle(root, body, expected, surroundings);
}

function takeSingle(call: Call, body: Buffer, expected: Expected, surroundings: Surroundings): Intake {
  const intake = new OpenIntake(body, expected, surroundings, nothingInherited(), undefined);
  intake.take(call, 0);
  return intake;
}

function takeBatch(
  batch: Call,
  items: readonly (Call | undefined)[],
  body: Buffer,
  expected: Expected,
  surroundings: Surroundings,
): Intake | Problem {
  const { length } = items;
  if (batch.fault !== undefined) return problem('invalid_batch', REMEDIES[batch.fault]);
  if (!isArray(batch.batch)) return problem('invalid_batch', 'batch must be an array of events');
  if (length === 0) return problem('invalid_batch', 'batch is empty');
  if (length > BATCH_ITEMS_MAX) {
    return problem('request_too_large', `${length} events in one batch: send at most ${BATCH_ITEMS_MAX}`);
  }
  const faults = inheritanceFaults(batch);
  if (faults.length > 0) return problem('invalid_batch', faults.join('; '));
  const inherited = new Inheritance(batch);
  const excess = excessOf(inherited, length, surroundings.eventBytesMax);
  if (excess !== undefined) return problem('request_too_large', excess);
  const intake = new OpenIntake(body, expected, surroundings, inherited, writeKeyIn(batch.writeKey));
  items.forEach((call, index) => {
    intake.take(call, index);
  });
  return intake;
}

/** Why a batch hands down too much, and what to do about it; undefined when it does not. */
function excessOf(inherited: Inheritance, events: number, bytesMax: number): string | undefined {
  let bytes = 0;
  let largest = { field: '', bytes: 0 };
  for (const [field, text] of inherited.texts) {
    const part = { field, bytes: Buffer.byteLength(text) };
    bytes += part.bytes;
    if (part.bytes > largest.bytes) largest = part;
  }
  const most = `the batch's ${largest.field} has ${largest.bytes} bytes`;
  if (bytes > bytesMax)
    return `${most}: all that a batch's events inherit may have ${bytesMax} together, so shorten it`;
  const eventsMax = Math.floor(HANDED_DOWN_BYTES_MAX / bytes);
  if (events > eventsMax)
    return `${most}, stored with each of ${events} events: send at most ${eventsMax} events with it in one batch`;
  return undefined;
}

/** Decides call by call, and gathers what came of it. */
class OpenIntake implements Intake {
  readonly records: TakenRecord[] = [];
  readonly rejections: Rejection[] = [];
  readonly batched: boolean;
  readonly #body: Buffer;
  readonly #surroundings: Surroundings;
  readonly #circumstances: Circumstances;
  readonly #imposedKey: string | undefined;
  /** The imposed key as a member that overrides the one which came: the last of several equal keys counts. */
  readonly #keySplice: string;
  /** The key for calls without one: looked up at the first of them, since most calls carry their own. */
  #sharedKey: string | undefined;
  #sharedKeyIsKnown: boolean;
  #clientIp: string | undefined;

  constructor(
    body: Buffer,
    { type, batched, imposedKey }: Expected,
    surroundings: Surroundings,
    inherited: Inheritance,
    bodyKey: string | undefined,
  ) {
    this.batched = batched;
    this.#body = body;
    this.#surroundings = surroundings;
    this.#sharedKey = bodyKey;
    this.#sharedKeyIsKnown = bodyKey !== undefined;
    this.#imposedKey = imposedKey;
    this.#keySplice = imposedKey === undefined ? '' : `,"writeKey":${JSON.stringify(imposedKey)}`;
    this.#circumstances = {
      type,
      received: momentOf(surroundings.receivedAt),
      inherited,
      newId: surroundings.newId,
    };
  }

  take(call: Call | undefined, index: number): void {
    const { workspace, eventBytesMax } = this.#surroundings;
    if (call === undefined) {
      const cause = problem('invalid_event', 'an event must be a JSON object');
      return this.#reject(index, undefined, undefined, cause);
    }
    const key = this.#imposedKey ?? writeKeyIn(call.writeKey) ?? this.#keyForAll();
    const source = key === undefined ? undefined : workspace.sources.get(key);
    if (source?.enabled !== true) {
      return this.#reject(index, call, undefined, problem('invalid_write_key'));
    }
    const cause = outOfBounds(call, eventBytesMax);
    if (cause !== undefined) return this.#reject(index, call, source.id, cause);
    const clientIp = source.platform === 'server' ? undefined : this.#address();
    const verdict = accept(call, this.#circumstances, clientIp);
    if (verdict.kind === 'refused') {
      for (const fault of verdict.faults) {
        this.#reject(index, call, source.id, problem('invalid_event', fault));
      }
      return;
    }
    this.records.push({
      source: source.id,
      type: verdict.type,
      orderKey: verdict.orderKey,
      messageId: verdict.messageId,
      receivedAt: this.#surroundings.receivedAt,
      pieces: this.#pieces(call, verdict.splice + this.#keySplice, verdict.contextSplice),
    });
  }

  /** The event's JSON: the received bytes, with what the door adds put in where objects close. */
  #pieces({ start, end, context }: Call, splice: string, contextSplice: string): (Uint8Array | string)[] {
    const body = this.#body;
    const ending = `${splice}}`;
    if (contextSplice === '' || !isObject(context)) return [body.subarray(start, end), ending];
    return [body.subarray(start, context.end), contextSplice, body.subarray(context.end, end), ending];
  }

  #keyForAll(): string | undefined {
    if (!this.#sharedKeyIsKnown) {
      this.#sharedKey = this.#surroundings.writeKey();
      this.#sharedKeyIsKnown = true;
    }
    return this.#sharedKey;
  }

  #address(): string | undefined {
    this.#clientIp ??= this.#surroundings.clientAddress();
    return this.#clientIp;
  }

  #reject(index: number, call: Call | undefined, source: string | undefined, cause: Problem): void {
    const messageId = typeof call?.messageId === 'string' ? call.messageId : null;
    this.rejections.push({ index, messageId, source, problem: cause, call });
  }
}
