import type { PageEvent, ScreenEvent } from '@metarouter/events';
import { type OutgoingRequest, type Refusal, type Skip, skip } from '../../kit/request.ts';
import { activityRequest, nameOfUrl } from './activity.ts';
import type { Person } from './person.ts';

/** Adds a page or a screen that a person saw, by its name, or by its URL where it has none. A blank one counts as none. */
export function viewRequest(
  event: PageEvent | ScreenEvent,
  person: Person,
): OutgoingRequest | Refusal | Skip {
  const { type, name, properties = {}, context } = event;
  if (isGiven(name)) return activityRequest(event, person, { type, name, data: properties });
  const url = [properties.url, context?.page?.url].find(isGiven);
  if (url === undefined) return skip(`a ${type} call with neither name nor URL`);
  return activityRequest(event, person, { type, name: nameOfUrl(url), data: { ...properties, url } });
}

function isGiven(text: unknown): text is string {
  return typeof text === 'string' && text.trim() !== '';
}
