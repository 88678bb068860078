import type { Batch, OutgoingRequest } from '@metarouter/destinations';
import type { Delivery, Readiness } from './delivery.ts';
import type { Queue } from './queue.ts';

type Prepare = (delivery: Delivery) => Readiness;

/**
 * Takes what the next attempt is made for out of the queue: one delivery, or as many as fit one batch. Empty when there
 * was nothing to send.
 */
export function gather(
  ready: Queue<Delivery>,
  { batch, prepare }: { readonly batch: Batch | undefined; readonly prepare: Prepare },
): readonly Delivery[] {
  return batch === undefined ? one(ready, prepare) : several(ready, batch, prepare);
}

function one(ready: Queue<Delivery>, prepare: Prepare): readonly Delivery[] {
  for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
    const readiness = prepare(next);
    if (readiness === 'ready') return [next];
    if (readiness === 'settled') continue;
    ready.push(next);
    break;
  }
  return [];
}

/**
 * Events of the same user go together only where one answer holds for the whole batch: else a later one could get ahead
 * of an earlier one.
 */
function several(ready: Queue<Delivery>, batch: Batch, prepare: Prepare): readonly Delivery[] {
  const group = new Group(batch);
  for (let next = ready.peek(); next !== undefined && !group.isFull; next = ready.peek()) {
    const readiness = prepare(next);
    if (readiness === 'ready' && !group.takes(next)) break;
    ready.shift();
    if (readiness === 'settled') continue;
    if (readiness === 'broken') {
      ready.push(next);
      break;
    }
    if (batch.outcomesOf !== undefined) continue;
    // Those that wait as rows come later: what became of them is not known before they are read again.
    for (let { following } = next; following?.requests !== undefined; { following } = following)
      if (group.isFull || !group.takes(following)) break;
  }
  return group.deliveries;
}

/** Deliveries that go together, within the bounds of a batch. */
class Group {
  readonly deliveries: Delivery[] = [];
  readonly #batch: Batch;
  #bytes = 0;

  constructor(batch: Batch) {
    this.#batch = batch;
  }

  get isFull(): boolean {
    return this.deliveries.length >= this.#batch.eventsMax;
  }

  /** Takes one in if it can go with those that are in: the first one always can. */
  takes(delivery: Delivery): boolean {
    const [first] = this.deliveries;
    const bytes = bytesOf(delivery.requests);
    if (first !== undefined && (!areAlike(first, delivery) || this.#bytes + bytes > this.#batch.bytesMax))
      return false;
    this.#bytes += bytes;
    this.deliveries.push(delivery);
    return true;
  }
}

/** Whether what they still need goes to the same places, and the receiver is told the same about both. */
function areAlike(one: Delivery, other: Delivery): boolean {
  if (one.goesAlone || other.goesAlone) return false;
  if ((one.letter === undefined) !== (other.letter === undefined)) return false;
  const [some, others] = [one.requests ?? [], other.requests ?? []];
  return some.length === others.length && some.every(({ key }, place) => key === others[place]?.key);
}

/** What its largest request takes in a batch. */
function bytesOf(requests: readonly OutgoingRequest[] = []): number {
  return Math.max(0, ...requests.map(({ body }) => Buffer.byteLength(JSON.stringify(body) ?? '')));
}
