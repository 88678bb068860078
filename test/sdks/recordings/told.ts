import { randomUUID } from 'node:crypto';
import { type Call, type Event, MEANING } from '../sdk.ts';

/** An event as nearly every SDK begins it: what it was told, its type, an id, and the time in UTC. */
export function told(call: Call): Event {
  return { ...MEANING[call], type: call, messageId: randomUUID(), timestamp: new Date().toISOString() };
}
