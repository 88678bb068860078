import type { Event } from '@metarouter/events';
import type { OutgoingRequest, Refusal, Skip } from './request.ts';

/** What a destination does with one event: a test, a piece of documentation and a preview at once. */
export interface Example {
  /** States what the reader can rely on. */
  readonly title: string;
  readonly event: Event;
  /** Events that go in the same request, behind it. */
  readonly together?: readonly Event[];
  readonly connection: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
  /** Exactly what is sent, or why nothing is. */
  readonly sends: readonly OutgoingRequest[] | Skip | Refusal;
  /** What the trace says of it; nothing unless given. */
  readonly notes?: readonly string[];
}
