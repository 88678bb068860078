import type { OutgoingRequest } from '@metarouter/destinations';
import type { TracedRequest } from '../activity/delivery-views.ts';
import type { Mask } from './mask.ts';

/** A request as people are shown it: its headers left out, and secrets masked in the rest. */
export function shownRequest({ method, url, body }: OutgoingRequest, mask: Mask): TracedRequest {
  return { method, url: mask(url), body: body === undefined ? undefined : mask(JSON.stringify(body)) };
}
