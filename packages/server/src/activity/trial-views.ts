import { z } from 'zod';
import { tracedRequest } from './delivery-views.ts';

/** What one pipeline would do with an event: nothing of it is done. */
export const preview = z.object({
  /** `refused`: the door would not take it. `broken`: an error of ours, or unusable settings, are in the way. */
  outcome: z.enum(['send', 'filtered', 'dead', 'broken', 'refused']),
  /** What filters it, as it would be counted. */
  rule: z.string().optional(),
  /** Why it is not sent, for people. */
  reason: z.string().optional(),
  /** What would be sent, with secrets masked. */
  requests: z.array(tracedRequest).readonly(),
  /** What of the event would not be sent, and why. */
  notes: z.array(z.string()).readonly(),
});
export type PreviewView = Readonly<z.infer<typeof preview>>;

/** What a test of a connection found; the sentence is for people, with secrets masked. */
export const finding = z.object({
  verdict: z.enum(['works', 'fails', 'unchecked']),
  sentence: z.string(),
});
export type FindingView = Readonly<z.infer<typeof finding>>;
