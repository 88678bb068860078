import { z } from 'zod';
import type { RecentEvent, RecentPage } from './event-views.ts';
import type { RejectedSample } from './rejected-samples.ts';

/** An event of a source, accepted or refused. */
export type SeenEvent =
  | { readonly kind: 'accepted'; readonly event: RecentEvent }
  | { readonly kind: 'rejected'; readonly sample: RejectedSample };

/** Where a page ended, and the next one begins. */
export interface SeenPlace {
  /** The position in the log that accepted events lie in front of; undefined for all, null where there are no more. */
  readonly before?: number | null | undefined;
  /** When the last refused one was received that was shown, in milliseconds since 1970… */
  readonly rejectedAt?: number | undefined;
  /** …and how many of the same millisecond were shown. */
  readonly shownOfIt?: number | undefined;
}

/** A page of what came in lately, newest first. */
export interface SeenPage {
  readonly events: readonly SeenEvent[];
  /** Where to go on; undefined at the end. A search may stop on its way: then a page is short although there is more. */
  readonly next: SeenPlace | undefined;
  /** How far back this page looked, in milliseconds since 1970; undefined when all was looked at, or nothing was there. */
  readonly searchedTo: number | undefined;
}

/** What the log has where it has no more: it need not be asked then. */
export const NO_MORE: RecentPage = { events: [], next: undefined, searchedTo: undefined };

const place = z.strictObject({
  before: z.int().nonnegative().nullish(),
  rejectedAt: z.number().optional(),
  shownOfIt: z.int().nonnegative().optional(),
});

/** A place as a text that people hand back, and `placeIn` reads. */
export function cursorOf(next: SeenPlace): string {
  return Buffer.from(JSON.stringify(next)).toString('base64url');
}

/** The place that a cursor stands for; undefined when it is none. */
export function placeIn(cursor: string): SeenPlace | undefined {
  try {
    return place.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}

/** Whether a refused event says something, whatever the case of its letters. An empty search finds all. */
export function isFound({ messageId, reason, details, text }: RejectedSample, search: string): boolean {
  const wanted = search.toLowerCase();
  return [messageId ?? '', reason, details, text].some((part) => part.toLowerCase().includes(wanted));
}

/**
 * Puts accepted and refused events together, newest first. Those refused longer ago than the log was searched wait for
 * the next page, so that nothing older is shown before something newer.
 *
 * @param from Where the page begins.
 * @param accepted What the log has from there on, as many as the page may have; `NO_MORE` where `before` is null.
 * @param rejected All samples of the source that are found, newest first.
 */
export function mergeSeen(
  first: number,
  from: SeenPlace,
  accepted: RecentPage,
  rejected: readonly RejectedSample[],
): SeenPage {
  const samples = samplesFrom(rejected, from);
  const events: SeenEvent[] = [];
  let taken = 0;
  let next: SeenPlace = { ...from, before: accepted.next ?? null };
  const oldest =
    accepted.next === undefined
      ? Number.NEGATIVE_INFINITY
      : (accepted.searchedTo ?? Number.POSITIVE_INFINITY);
  const refuse = (until: number) => {
    for (let sample = samples[taken]; sample !== undefined; sample = samples[taken]) {
      if (events.length >= first || sample.receivedAt < until) return;
      events.push({ kind: 'rejected', sample });
      next = { ...next, ...behind(sample, next) };
      taken += 1;
    }
  };
  for (const event of accepted.events) {
    refuse(event.receivedAt);
    if (events.length >= first) {
      // It begins the next page.
      next = { ...next, before: event.position + 1 };
      break;
    }
    events.push({ kind: 'accepted', event });
  }
  refuse(oldest);
  const isOver = next.before === null && taken === samples.length;
  return {
    events,
    next: isOver ? undefined : next,
    searchedTo: accepted.next === undefined ? undefined : accepted.searchedTo,
  };
}

/** Those that were not shown yet. */
function samplesFrom(
  rejected: readonly RejectedSample[],
  { rejectedAt, shownOfIt = 0 }: SeenPlace,
): readonly RejectedSample[] {
  if (rejectedAt === undefined) return rejected;
  const left = rejected.filter(({ receivedAt }) => receivedAt <= rejectedAt);
  const ofIt = left.filter(({ receivedAt }) => receivedAt === rejectedAt).length;
  return left.slice(Math.min(shownOfIt, ofIt));
}

function behind({ receivedAt }: RejectedSample, { rejectedAt, shownOfIt = 0 }: SeenPlace): SeenPlace {
  return { rejectedAt: receivedAt, shownOfIt: rejectedAt === receivedAt ? shownOfIt + 1 : 1 };
}
