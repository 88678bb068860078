import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { WRITE_KEY } from './workspace-file.ts';

/** 8 senders with 16 ms between two requests each: about 500 requests a second. */
const SENDERS = 8;
const BETWEEN_REQUESTS_MS = 16;
/** Every second sender sends batches of this many events, the others single calls. */
const BATCH_SIZE = 5;
const ANSWER_TIMEOUT_MS = 10_000;
const USERS = 1_000;

/** Clients that send without end and remember what they were promised. */
export interface AcknowledgedLoad {
  /** The messageIds of every request that was answered 200, each noted only after the whole answer was read. */
  readonly acknowledged: ReadonlySet<string>;
  /** How many requests got another answer or none. Those events are given up: nothing was promised. */
  readonly unanswered: () => number;
  /** Resolves when every request under way has been answered or has failed. */
  stop(): Promise<void>;
}

/**
 * Sends about 500 requests (1,500 events) a second to the server that `url` names at that moment, so that it
 * may be killed and come back elsewhere. No event is ever sent twice: each request carries new messageIds.
 */
export function startAcknowledgedLoad(url: () => string): AcknowledgedLoad {
  const acknowledged = new Set<string>();
  let unanswered = 0;
  let stopping = false;

  async function send(batchSize: number | undefined): Promise<void> {
    const events = Array.from({ length: batchSize ?? 1 }, () => eventOf(randomUUID()));
    const [path, body] = batchSize === undefined ? ['track', events[0]] : ['batch', { batch: events }];
    try {
      const response = await fetch(`${url()}/v1/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${WRITE_KEY}:`)}` },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
      await response.text();
      if (response.status !== 200) throw new Error(`answered ${response.status}`);
      for (const { messageId } of events) acknowledged.add(messageId);
    } catch {
      unanswered += 1;
    }
  }

  async function sendOn(batchSize: number | undefined): Promise<void> {
    while (!stopping) await Promise.all([send(batchSize), pause(BETWEEN_REQUESTS_MS)]);
  }

  const senders = Array.from({ length: SENDERS }, (_, index) =>
    sendOn(index % 2 === 0 ? undefined : BATCH_SIZE),
  );
  return {
    acknowledged,
    unanswered: () => unanswered,
    async stop() {
      stopping = true;
      await Promise.all(senders);
    },
  };
}

/** The event that the load sends with a messageId: it follows from that alone, so that an altered one shows. */
export function eventOf(messageId: string) {
  const user = Number.parseInt(messageId.slice(0, 8), 16) % USERS;
  return {
    type: 'track',
    messageId,
    userId: `user-${user}`,
    event: 'Product Added',
    properties: { sku: `G-${user}` },
  };
}
