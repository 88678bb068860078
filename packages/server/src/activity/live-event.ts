import type { EventSummary } from './event-summary.ts';
import type { RejectedSample } from './rejected-samples.ts';

/** What somebody who watches a source sees, as it happens. */
export type LiveEvent =
  | (EventSummary & { readonly kind: 'accepted' })
  | (RejectedSample & { readonly kind: 'rejected' })
  /** So many events since the last one that was shown are not: there were too many, or the watcher was too slow. */
  | { readonly kind: 'missed'; readonly count: number };
