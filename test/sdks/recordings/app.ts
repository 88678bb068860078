import { randomUUID } from 'node:crypto';
import { CALLS, type Call, type Event, MEANING } from '../sdk.ts';
import { told } from './told.ts';

const { page: _, ...meant } = MEANING;

/** What must arrive from an app: it has screens, no pages. */
export const APP_CALLS = meant;

/** What the newer libraries add so that a destination which the app itself serves is not served twice. */
export const METADATA = { bundled: [], unbundled: [], bundledIds: [] };

/** The events of an app, as its library makes them. */
export function appEvents(library: string, version: string, more: Event = {}): readonly Event[] {
  return CALLS.filter((call) => call !== 'page').map((call) => appEvent(call, library, version, more));
}

function appEvent(call: Call, library: string, version: string, more: Event): Event {
  return {
    ...told(call),
    anonymousId: 'visitor-7',
    context: { library: { name: library, version }, device: { id: randomUUID(), type: 'phone' } },
    integrations: {},
    ...more,
  };
}
