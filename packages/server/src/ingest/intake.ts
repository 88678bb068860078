import { isAscii } from 'node:buffer';
import {
  accept,
  BATCH_ITEMS_MAX,
  type Circumstances,
  DEPTH_MAX,
  Inheritance,
  inheritanceFaults,
  isJsonObject,
  type JsonObject,
  KB,
  KEYS_MAX,
  momentOf,
  nothingInherited,
  type ScanFault,
  type Span,
  scan,
} from '@metarouter/events';
import type { NewRecord } from '../log/event-log.ts';
import { type Problem, problem } from '../platform/problem.ts';
import type { Workspace } from '../store/workspace.ts';
import type { Route } from './routes.ts';
import { writeKeyIn } from './write-key.ts';

/**
 * The most bytes that a batch may hand down to its events, all copies together: 16 MB. Every event is stored with its
 * own copy, so that without a bound one small request could fill the disk. No SDK hands down more than 1 KB.
 */
export const HANDED_DOWN_BYTES_MAX = 16 * KB * KB;

/** What a request's body came to: what to store, and why the rest of it is refused. */
export interface Intake {
  readonly records: readonly NewRecord[];
  /** One entry for each fault, so several for a call that has several. */
  readonly rejections: readonly Rejection[];
}

/** One fault of one call. */
export interface Rejection {
  /** The call's place in its batch; 0 for a single call. */
  readonly index: number;
  /** As the client gave it; null when it is not a text. */
  readonly messageId: string | null;
  /** Undefined when the source is not known. */
  readonly source: string | undefined;
  readonly problem: Problem;
}

/** What is known about a request beside its body. */
export interface Surroundings {
  readonly route: Route;
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
export function takeIn(body: Buffer, surroundings: Surroundings): Intake | Problem {
  const { batched } = surroundings.route;
  const latin1 = body.toString('latin1');
  const { root, items } = scan(latin1, batched);
  if (root.fault !== undefined)
    return problem(batched ? 'invalid_batch' : 'invalid_event', REMEDIES[root.fault]);
  // A single call that is too large is not worth parsing.
  if (!batched && sizeOf(root) > surroundings.eventBytesMax)
    return tooLarge(root, surroundings.eventBytesMax);
  const value = parse(isAscii(body) ? latin1 : body.toString());
  if (value === undefined) return problem('invalid_body', 'the body is not valid JSON');
  if (!isJsonObject(value)) return problem('invalid_body', 'the body must be a JSON object');
  return batched ? takeBatch(value, items, body, surroundings) : takeSingle(value, root, body, surroundings);
}

function takeSingle(call: JsonObject, span: Span, body: Buffer, surroundings: Surroundings): Intake {
  const intake = new OpenIntake(body, surroundings, nothingInherited(), undefined);
  intake.take(call, span, 0);
  return intake;
}

function takeBatch(
  value: JsonObject,
  spans: readonly (Span | undefined)[],
  body: Buffer,
  surroundings: Surroundings,
): Intake | Problem {
  const { batch } = value;
  if (!Array.isArray(batch)) return problem('invalid_batch', 'batch must be an array of events');
  if (batch.length === 0) return problem('invalid_batch', 'batch is empty');
  if (batch.length > BATCH_ITEMS_MAX) {
    return problem(
      'request_too_large',
      `${batch.length} events in one batch: send at most ${BATCH_ITEMS_MAX}`,
    );
  }
  const faults = inheritanceFaults(value);
  if (faults.length > 0) return problem('invalid_batch', faults.join('; '));
  const inherited = new Inheritance(value);
  const excess = excessOf(inherited, batch.length, surroundings.eventBytesMax);
  if (excess !== undefined) return problem('request_too_large', excess);
  const intake = new OpenIntake(body, surroundings, inherited, writeKeyIn(value.writeKey));
  for (let index = 0; index < batch.length; index++) intake.take(batch[index], spans[index], index);
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
  readonly records: NewRecord[] = [];
  readonly rejections: Rejection[] = [];
  readonly #body: Buffer;
  readonly #surroundings: Surroundings;
  readonly #circumstances: Circumstances;
  /** The key for calls without one: looked up at the first of them, since most calls carry their own. */
  #sharedKey: string | undefined;
  #sharedKeyIsKnown: boolean;
  #clientIp: string | undefined;

  constructor(body: Buffer, surroundings: Surroundings, inherited: Inheritance, bodyKey: string | undefined) {
    this.#body = body;
    this.#surroundings = surroundings;
    this.#sharedKey = bodyKey;
    this.#sharedKeyIsKnown = bodyKey !== undefined;
    this.#circumstances = {
      type: surroundings.route.type,
      received: momentOf(surroundings.receivedAt),
      inherited,
      newId: surroundings.newId,
    };
  }

  take(call: unknown, span: Span | undefined, index: number): void {
    const { workspace, eventBytesMax } = this.#surroundings;
    if (!isJsonObject(call) || span === undefined) {
      return this.#reject(index, null, undefined, problem('invalid_event', 'an event must be a JSON object'));
    }
    const key = writeKeyIn(call.writeKey) ?? this.#keyForAll();
    const source = key === undefined ? undefined : workspace.sources.get(key);
    if (source?.enabled !== true) {
      return this.#reject(index, call.messageId, undefined, problem('invalid_write_key'));
    }
    if (sizeOf(span) > eventBytesMax) {
      return this.#reject(index, call.messageId, source.id, tooLarge(span, eventBytesMax));
    }
    if (span.fault !== undefined) {
      return this.#reject(index, call.messageId, source.id, problem('invalid_event', REMEDIES[span.fault]));
    }
    const clientIp = source.platform === 'server' ? undefined : this.#address();
    const verdict = accept(call, this.#circumstances, clientIp);
    if (verdict.kind === 'refused') {
      for (const fault of verdict.faults) {
        this.#reject(index, call.messageId, source.id, problem('invalid_event', fault));
      }
      return;
    }
    this.records.push({
      source: source.id,
      orderKey: verdict.orderKey,
      messageId: verdict.messageId,
      receivedAt: this.#surroundings.receivedAt,
      pieces: this.#pieces(span, verdict.splice, verdict.contextSplice),
    });
  }

  /** The event's JSON: the received bytes, with what the door adds put in where objects close. */
  #pieces(span: Span, splice: string, contextSplice: string): (Uint8Array | string)[] {
    const body = this.#body;
    const ending = `${splice}}`;
    if (contextSplice === '') return [body.subarray(span.start, span.end), ending];
    const { start, contextEnd, end } = span;
    return [body.subarray(start, contextEnd), contextSplice, body.subarray(contextEnd, end), ending];
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

  #reject(index: number, messageId: unknown, source: string | undefined, cause: Problem): void {
    this.rejections.push({
      index,
      messageId: typeof messageId === 'string' ? messageId : null,
      source,
      problem: cause,
    });
  }
}

const REMEDIES: Readonly<Record<ScanFault, string>> = {
  too_deep: `nested deeper than ${DEPTH_MAX} levels: flatten it`,
  too_many_keys: `more than ${KEYS_MAX} keys: send fewer properties`,
  forbidden_key: 'the key __proto__ is not allowed: rename it',
};

function sizeOf(span: Span): number {
  return span.end + 1 - span.start;
}

function tooLarge(span: Span, bytesMax: number): Problem {
  return problem('event_too_large', `the event has ${sizeOf(span)} bytes: at most ${bytesMax} are taken`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
