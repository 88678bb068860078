import { isJsonObject } from '@metarouter/events';
import type { DeclaredOutcome } from './outcome.ts';
import type { OutgoingRequest } from './request.ts';

/** How much goes together. */
interface Bounds {
  /** Events in one request, at most. */
  readonly eventsMax: number;
  /** Bytes that the bodies of their own requests come to, at most. An event with more than that goes alone. */
  readonly bytesMax: number;
  /** How long an event waits for others, at most, in ms. With 0 only what waits anyway goes together. */
  readonly waitMs: number;
}

/** What came of each of the events that went together, in their order; undefined for what the status means. */
export type EventOutcomes = readonly (DeclaredOutcome | undefined)[];

/**
 * How the requests of several events become one, as an author writes it. The request of one event is whole by itself,
 * and has a list in its body. Those with the same key go together, their lists end to end, so they must be equal in
 * everything else. A request that must go alone has a key that no other event's request has.
 */
export interface DeclaredBatch extends Bounds {
  /** The name of the list in the body. Absent when the body is the list. */
  readonly list?: string;
  /** Reads the answer to a joined request; `json` is undefined where it is none. Absent when one answer is for all. */
  readonly outcomesOf?: (
    answer: { readonly status: number; readonly json: unknown },
    requests: readonly OutgoingRequest[],
  ) => EventOutcomes;
}

/** How the requests of several events become one. Pure; throws only on a bug of the declaration. */
export interface Batch extends Bounds {
  /**
   * One request for these, which are of one key, at least one. Their lists are end to end in it, in this order, so a
   * single request stays as it is, and the body has no more bytes than theirs together.
   */
  join(requests: readonly OutgoingRequest[]): OutgoingRequest;
  /**
   * What came of each of the requests that were joined, in their order, from the whole answer. Absent when what the
   * answer means holds for all of them.
   */
  readonly outcomesOf?: (
    answer: { readonly status: number; readonly body: string },
    requests: readonly OutgoingRequest[],
  ) => EventOutcomes;
}

/** Holds the author to what the declaration promises. */
export function batchOf({ list, outcomesOf, ...bounds }: DeclaredBatch): Batch {
  const batch: Batch = { ...bounds, join: (requests) => joined(requests, list) };
  if (outcomesOf === undefined) return batch;
  return {
    ...batch,
    outcomesOf({ status, body }, requests) {
      const outcomes = outcomesOf({ status, json: jsonIn(body) }, requests);
      if (outcomes.length !== requests.length)
        throw new Error(`of ${requests.length} events ${outcomes.length} have an outcome`);
      return outcomes;
    },
  };
}

function joined(requests: readonly OutgoingRequest[], name: string | undefined): OutgoingRequest {
  const [first] = requests;
  if (first === undefined) throw new Error('there is nothing to join');
  const empty = withItems(first, name, []);
  if (!requests.every((request) => isSame(withItems(request, name, []), empty)))
    throw new Error(`requests of the key ${first.key} differ in more than their lists`);
  return withItems(
    first,
    name,
    requests.flatMap(({ body }) => itemsIn(body, name)),
  );
}

function itemsIn(body: unknown, name: string | undefined): readonly unknown[] {
  const items = name === undefined ? body : isJsonObject(body) && body[name];
  if (!Array.isArray(items)) throw new Error('a request that goes with others has no list');
  return items;
}

function withItems(
  request: OutgoingRequest,
  name: string | undefined,
  items: readonly unknown[],
): OutgoingRequest {
  const { body } = request;
  return { ...request, body: name !== undefined && isJsonObject(body) ? { ...body, [name]: items } : items };
}

/** Whether two JSON values are the same, whatever the order of their names. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((value, index) => isSame(value, other[index]));
  if (!isJsonObject(one) || !isJsonObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]))
  );
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
