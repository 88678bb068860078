import { createHash } from 'node:crypto';
import {
  type Batch,
  type Destination,
  isRefusal,
  isSkip,
  LEFT_TO_BROWSER,
  type OutgoingRequest,
  type Planner,
  type Sending,
} from '@metarouter/destinations';
import { type Event, type Filter, isJsonObject } from '@metarouter/events';
import type { Parcel } from './parcel.ts';

/** What one pipeline does with one event. */
export type Plan =
  | (Sending & { readonly kind: 'send' })
  | Filtered
  /** The event cannot be delivered, now or ever. */
  | { readonly kind: 'dead'; readonly reason: string }
  /** An error of our own is in the way: a later version may do better. */
  | { readonly kind: 'broken'; readonly reason: string };

/** The event is not meant for this pipeline. */
interface Filtered {
  readonly kind: 'filtered';
  /** What to count it under: `device mode`, `integrations`, `bundled`, `filter: <the rule's name>` or `destination`. */
  readonly rule: string;
  /** The same for people: a phrase. */
  readonly reason: string;
}

/** What a pipeline decides by. */
export interface Deciders {
  readonly destination: Named & Pick<Destination, 'modes'>;
  readonly planner: Planner;
  readonly filter: Filter;
  /** How events go together; absent when each goes in its own request, and for those who only look. */
  readonly batch?: Batch | undefined;
}

/** The part of a destination that decides which events are meant for it. */
export type Named = Pick<Destination, 'code' | 'name'>;

/** Decides what becomes of an event. Pure: the same event gives the same plan. */
export function plan(event: Event | undefined, { destination, planner, filter, batch }: Deciders): Plan {
  // Before all else, so that nothing of such a pipeline is ever a dead letter.
  if (!destination.modes.includes('cloud')) return filtered('device mode', LEFT_TO_BROWSER.skip);
  if (event === undefined) return { kind: 'dead', reason: 'the stored bytes are no event' };
  if (!isWanted(event.integrations, destination))
    return filtered('integrations', "the event's integrations say no");
  if (isBundled(event._metadata, destination))
    return filtered('bundled', `the browser or app has sent it to ${destination.name} itself`);
  const rule = filter(event);
  if (rule !== undefined) return filtered(`filter: ${rule}`, `the pipeline's filter leaves it out: ${rule}`);
  try {
    const answer = planner(event);
    if (isSkip(answer)) return filtered('destination', answer.skip);
    if (isRefusal(answer)) return { kind: 'dead', reason: `not sent: ${answer.refuse}` };
    // What cannot even go alone shows here, and not when it is to be sent.
    if (batch !== undefined) for (const request of answer.requests) batch.join([request]);
    return { kind: 'send', ...answer };
  } catch (error) {
    // A mistake in a destination must not stop the events behind this one. The event is kept with the reason.
    return {
      kind: 'broken',
      reason: `the destination failed on it: ${error instanceof Error ? error.message : 'unknown'}`,
    };
  }
}

function filtered(rule: string, reason: string): Filtered {
  return { kind: 'filtered', rule, reason };
}

/**
 * The event's own wish: absent means every destination; an explicit name beats `All`; an object means yes, with
 * options. A name counts when it is the destination's name or code; an exact one beats one in other letter case.
 */
export function isWanted(integrations: Event['integrations'], { code, name }: Named): boolean {
  if (integrations === undefined) return true;
  const wish =
    integrations[name] ??
    integrations[code] ??
    looseWish(integrations, [name, code]) ??
    integrations.All ??
    integrations.all;
  return wish !== false;
}

function looseWish(integrations: object, names: readonly string[]): unknown {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return Object.entries(integrations).find(([key]) => wanted.has(key.toLowerCase()))?.[1];
}

/**
 * Whether the SDK that sent the event has already served the destination in device mode: its `_metadata.bundled` names
 * it, by name or code in any letter case. What is no list of names counts as nothing.
 */
export function isBundled(metadata: unknown, { code, name }: Named): boolean {
  if (!isJsonObject(metadata) || !Object.hasOwn(metadata, 'bundled')) return false;
  const { bundled } = metadata;
  if (!Array.isArray(bundled)) return false;
  const served = new Set([name.toLowerCase(), code.toLowerCase()]);
  return bundled.some((item) => typeof item === 'string' && served.has(item.toLowerCase()));
}

/** Longer or odder message ids are hashed: the key goes into a header. */
const PLAIN_MESSAGE_ID = /^[\x21-\x7e]{1,128}$/;

/** The same for every attempt to deliver this event to this pipeline, and different for any other. */
export function idempotencyKey(pipeline: string, messageId: string): string {
  const id = PLAIN_MESSAGE_ID.test(messageId)
    ? messageId
    : createHash('sha256').update(messageId).digest('hex');
  return `${pipeline}:${id}`;
}

/** A request's body as JSON, or nothing. A body that is the event itself is serialized once for all pipelines. */
export function bodyOf(
  request: OutgoingRequest,
  parcel: Pick<Parcel, 'event' | 'bytes'>,
): Uint8Array | string {
  if (request.body === undefined) return '';
  return request.body === parcel.event ? parcel.bytes : JSON.stringify(request.body);
}
