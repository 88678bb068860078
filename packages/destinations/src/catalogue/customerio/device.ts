import { type Event, isJsonObject } from '@metarouter/events';
import { pathSegment } from '../../kit/path-segment.ts';
import { type OutgoingRequest, put, remove } from '../../kit/request.ts';
import { unixSeconds } from '../../kit/unix-seconds.ts';
import type { Person } from './person.ts';

/** What apps report about themselves, and what becomes of the device's push token. */
const DEVICE_EVENTS: ReadonlyMap<string, 'kept' | 'removed'> = new Map([
  ['Application Installed', 'kept'],
  ['Application Opened', 'kept'],
  ['Application Uninstalled', 'removed'],
]);

/**
 * Keeps a person's devices for push messages in step with the app:
 * https://docs.customer.io/integrations/api/track/tag/track-customers/add_device/ and …/delete_device/.
 * A device says when it was last used, so a call with `context.active: false` leaves it alone.
 */
export function deviceRequests(
  { event, context, timestamp }: Extract<Event, { type: 'track' }>,
  { path }: Person,
): readonly OutgoingRequest[] {
  const fate = DEVICE_EVENTS.get(event);
  const device = isJsonObject(context?.device) ? context.device : {};
  const { token } = device;
  if (fate === undefined || typeof token !== 'string' || token === '') return [];
  if (fate === 'removed') {
    const segment = pathSegment(token);
    return segment === undefined ? [] : [remove(`${path}/devices/${segment}`)];
  }
  const platform = platformOf(device.type) ?? platformOf(context?.os?.name);
  if (platform === undefined || context?.active === false) return [];
  return [put(`${path}/devices`, { device: { id: token, platform, last_used: unixSeconds(timestamp) } })];
}

/** The two that Customer.io can push to. */
function platformOf(name: unknown): 'ios' | 'android' | undefined {
  const lower = typeof name === 'string' ? name.toLowerCase() : undefined;
  return lower === 'ios' || lower === 'android' ? lower : undefined;
}
