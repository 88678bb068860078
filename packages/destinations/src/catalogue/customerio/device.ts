import { type Event, isJsonObject } from '@metarouter/events';
import { pathSegment } from '../../kit/path-segment.ts';
import { type OutgoingRequest, put, remove } from '../../kit/request.ts';
import { unixSeconds } from '../../kit/unix-seconds.ts';
import { utf8Length } from '../../kit/utf8.ts';
import type { Person } from './person.ts';

/**
 * Longer than any token that there is: Apple's are a hundred bytes at most, Google's at most 4 KB. Customer.io names no
 * limit of its own; what is longer is no token, and would make a URL that servers refuse.
 */
export const TOKEN_BYTES_MAX = 4_096;

/** What apps report about themselves, and what becomes of the device's push token. */
const DEVICE_EVENTS: ReadonlyMap<string, 'kept' | 'removed'> = new Map([
  ['Application Installed', 'kept'],
  ['Application Opened', 'kept'],
  ['Application Uninstalled', 'removed'],
]);

/** What is sent about a device beside the event, if anything, and what of it is left out. */
interface DeviceRequests {
  readonly requests: readonly OutgoingRequest[];
  readonly notes: readonly string[];
}

/**
 * Keeps a person's devices for push messages in step with the app:
 * https://docs.customer.io/integrations/api/track/tag/track-customers/add_device/ and …/delete_device/.
 * A device says when it was last used, so a call with `context.active: false` leaves it alone.
 */
export function deviceRequests(
  { event, context, timestamp }: Extract<Event, { type: 'track' }>,
  { path }: Person,
): DeviceRequests {
  const fate = DEVICE_EVENTS.get(event);
  const device = isJsonObject(context?.device) ? context.device : {};
  const { token } = device;
  if (fate === undefined || typeof token !== 'string' || token === '') return NOTHING;
  if (utf8Length(token) > TOKEN_BYTES_MAX)
    return { requests: [], notes: [`Left out (longer than ${TOKEN_BYTES_MAX} bytes): device.token`] };
  if (fate === 'removed') {
    const segment = pathSegment(token);
    return segment === undefined ? NOTHING : sending(remove(`${path}/devices/${segment}`));
  }
  const platform = platformOf(device.type) ?? platformOf(context?.os?.name);
  if (platform === undefined || context?.active === false) return NOTHING;
  const last_used = unixSeconds(timestamp);
  return sending(put(`${path}/devices`, { device: { id: token, platform, last_used } }));
}

const NOTHING: DeviceRequests = { requests: [], notes: [] };

function sending(request: OutgoingRequest): DeviceRequests {
  return { requests: [request], notes: [] };
}

/** The two that Customer.io can push to. */
function platformOf(name: unknown): 'ios' | 'android' | undefined {
  const lower = typeof name === 'string' ? name.toLowerCase() : undefined;
  return lower === 'ios' || lower === 'android' ? lower : undefined;
}
