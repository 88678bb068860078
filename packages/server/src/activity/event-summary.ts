import type { Event } from '@metarouter/events';
import { z } from 'zod';

/** The most characters of an event's JSON that are shown in a list: half of what an event may have. */
export const EVENT_TEXT_CHARACTERS_MAX = 16_384;

/** The most characters of a name or an ID that are shown in a list. */
const NAME_CHARACTERS_MAX = 200;

/** An accepted event as a list shows it. */
export const eventSummary = z.object({
  messageId: z.string(),
  /** In milliseconds since 1970. */
  receivedAt: z.number(),
  /** Absent when the stored bytes are no event. */
  type: z.string().optional(),
  /** The event's name, or the page's or screen's. */
  name: z.string().optional(),
  userId: z.string().optional(),
  anonymousId: z.string().optional(),
  /** Its JSON, without the write key. */
  text: z.string(),
  /** Whether the JSON is longer than that. */
  isCut: z.boolean(),
});
export type EventSummary = Readonly<z.infer<typeof eventSummary>>;

/** What a list shows of an event; `json` is its text. */
export function summaryOf(
  event: Event | undefined,
  json: string,
  { messageId, receivedAt }: Pick<EventSummary, 'messageId' | 'receivedAt'>,
): EventSummary {
  return {
    messageId,
    receivedAt,
    type: event?.type,
    name: shortText(event?.type === 'track' || event?.type === 'custom' ? event.event : event?.name),
    userId: shortText(event?.userId),
    anonymousId: shortText(event?.anonymousId),
    text: json.slice(0, EVENT_TEXT_CHARACTERS_MAX),
    isCut: json.length > EVENT_TEXT_CHARACTERS_MAX,
  };
}

function shortText(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, NAME_CHARACTERS_MAX) : undefined;
}
