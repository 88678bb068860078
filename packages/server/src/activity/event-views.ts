import { z } from 'zod';
import { eventSummary } from './event-summary.ts';

/** What came of a source's events, and how many of them, in one step of time. */
export const hourCount = z.object({
  /** When the step begins, in milliseconds since 1970. */
  at: z.number(),
  /** Of which pipeline; absent for what is the source's: accepted, duplicate and rejected. */
  pipeline: z.string().optional(),
  /** `unknown` where it was lost with the event; absent for what was rejected. */
  type: z.string().optional(),
  outcome: z.enum(['accepted', 'duplicate', 'rejected', 'delivered', 'filtered', 'dead']),
  /** Why it was rejected, as a problem's code. */
  reason: z.string().optional(),
  count: z.number(),
});
export type HourCount = Readonly<z.infer<typeof hourCount>>;

/** An accepted event, read back from the log. */
const recentEvent = eventSummary.extend({
  position: z.number(),
  /** Whether it repeats an earlier one, so that no pipeline gets it. */
  isRepeat: z.boolean(),
});
export type RecentEvent = Readonly<z.infer<typeof recentEvent>>;

/** A page of a source's accepted events, newest first. */
export const recentPage = z.object({
  events: z.array(recentEvent).readonly(),
  /** Go on in front of this position; absent when the log has no more. The page may be short, or empty, all the same. */
  next: z.number().optional(),
  /** When the oldest event was received that was looked at, in milliseconds since 1970. */
  searchedTo: z.number().optional(),
});
export type RecentPage = Readonly<z.infer<typeof recentPage>>;
