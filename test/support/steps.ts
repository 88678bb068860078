import { countInversions } from './inversions.ts';
import { startPatientClient } from './patient-client.ts';
import type { Delivery } from './recording-receiver.ts';

const USERS = 20;
const BATCH_SIZE = 20;

/** An event that says with its messageId in which place it was sent; twenty users have their turns. */
export function stepOf(kind: string, place: number) {
  const messageId = `${kind}-${place}`;
  return { type: 'track', messageId, userId: `${kind}-user-${place % USERS}`, event: 'Step' };
}

/** Sends that many, one request after the other; resolves when all are acknowledged. */
export async function sendSteps(url: () => string, kind: string, count: number): Promise<void> {
  const client = startPatientClient(url);
  for (let first = 0; first < count; first += BATCH_SIZE)
    await client.send(Array.from({ length: BATCH_SIZE }, (_, index) => stepOf(kind, first + index)));
  client.close();
}

/** Each event's first arrival among these. */
export function firstArrivals(deliveries: readonly Delivery[]): readonly Delivery[] {
  const known = new Set<string>();
  return deliveries.filter(({ messageId }) => {
    const isFirst = !known.has(messageId);
    known.add(messageId);
    return isFirst;
  });
}

/** How often one arrived after a later one of its user. */
export function inversionsIn(deliveries: readonly Delivery[]): number {
  return countInversions(
    deliveries.map(({ messageId, event }) => ({
      user: event.userId,
      place: Number(messageId.split('-').at(-1)),
    })),
  );
}
