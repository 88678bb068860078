import type { Batch, OutgoingRequest } from '@metarouter/destinations';
import type { Delivery } from './delivery.ts';
import type { Queue } from './queue.ts';
import type { Readiness } from './traffic.ts';

/**
 * Takes what the next attempt is made for out of the queue: one delivery, or as many as fit one batch. Events of the
 * same user go together only where one answer holds for the whole batch: else a later one could get ahead of an
 * earlier one. Empty when there was nothing to send.
 */
export function gather(
  ready: Queue<Delivery>,
  {
    batch,
    prepare,
  }: { readonly batch: Batch | undefined; readonly prepare: (delivery: Delivery) => Readiness },
): readonly Delivery[] {
  const group: Delivery[] = [];
  const size = { events: 0, bytes: 0 };
  const eventsMax = batch?.eventsMax ?? 1;
  const fits = (delivery: Delivery): boolean => {
    const bytes = batch === undefined ? 0 : bytesOf(delivery.requests ?? []);
    if (group[0] !== undefined) {
      const isAlone = group[0].goesAlone || delivery.goesAlone;
      if (isAlone || keysOf(delivery) !== keysOf(group[0])) return false;
      if (size.bytes + bytes > (batch?.bytesMax ?? 0)) return false;
    }
    size.bytes += bytes;
    size.events += 1;
    group.push(delivery);
    return true;
  };
  for (let next = ready.peek(); next !== undefined && size.events < eventsMax; next = ready.peek()) {
    const readiness = prepare(next);
    if (readiness === 'ready' && !fits(next)) break;
    ready.shift();
    if (readiness === 'broken') ready.push(next);
    if (readiness === 'broken') break;
    if (readiness === 'settled' || batch === undefined || batch.outcomesOf !== undefined) continue;
    // Those that wait as rows come later: what became of them is not known before they are read again.
    for (let { following } = next; following?.requests !== undefined; { following } = following)
      if (size.events >= eventsMax || !fits(following)) break;
  }
  return group;
}

function keysOf(delivery: Delivery | undefined): string {
  return JSON.stringify(delivery?.requests?.map(({ key }) => key));
}

/** What its largest request takes in a batch. */
function bytesOf(requests: readonly OutgoingRequest[]): number {
  return Math.max(...requests.map(({ body }) => Buffer.byteLength(JSON.stringify(body) ?? '')));
}
