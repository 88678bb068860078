import { setTimeout as pause } from 'node:timers/promises';
import { startPatientClient } from './patient-client.ts';

/** Between the beginnings of two requests, at least. */
const BETWEEN_REQUESTS_MS = 25;

/** One client that sends small batches one after the other, each until it is acknowledged. */
export interface SteadyLoad {
  /** The messageIds of all events, and when each was sent for the first time: all are acknowledged once it has stopped. */
  readonly sentAt: ReadonlyMap<string, number>;
  /** Resolves when everything that was begun is acknowledged. */
  stop(): Promise<void>;
}

/** Sends up to forty batches a second to the server that `url` names at that moment. */
export function startSteadyLoad(
  url: () => string,
  batchSize: number,
  eventOf: (place: number) => Readonly<Record<string, unknown>> & { readonly messageId: string },
): SteadyLoad {
  const sentAt = new Map<string, number>();
  const client = startPatientClient(url);
  let isStopping = false;

  async function sendOn(): Promise<void> {
    for (let first = 0; !isStopping; first += batchSize) {
      const events = Array.from({ length: batchSize }, (_, index) => eventOf(first + index));
      for (const { messageId } of events) sentAt.set(messageId, performance.now());
      await Promise.all([client.send(events), pause(BETWEEN_REQUESTS_MS)]);
    }
    client.close();
  }

  const sending = sendOn();
  // A test may end before it stops this; that must not count as an unhandled rejection.
  sending.catch(() => undefined);
  return {
    sentAt,
    stop() {
      isStopping = true;
      return sending;
    },
  };
}
