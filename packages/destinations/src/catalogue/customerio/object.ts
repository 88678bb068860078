import { type Event, isAbsent, isJsonObject } from '@metarouter/events';
import { type OutgoingRequest, post, type Refusal, refuse } from '../../kit/request.ts';
import { utf8Length } from '../../kit/utf8.ts';
import { withCreatedAt } from './attributes.ts';
import { identifierOf, type Person } from './person.ts';

/** The most that a request may have: https://docs.customer.io/api/track/#operation/entity says 32 KB. */
export const OBJECT_BYTES_MAX = 32_768;

/** The first type of object that a workspace has: https://docs.customer.io/journeys/objects. */
const FIRST_TYPE = '1';

/** Adds or changes an object, which is what Customer.io calls a group, with the person in it. */
export function objectRequest(
  { groupId, traits = {} }: Extract<Event, { type: 'group' }>,
  { id }: Person,
): OutgoingRequest | Refusal {
  const { objectTypeId, relationshipAttributes, ...others } = traits;
  const type = isAbsent(objectTypeId) ? FIRST_TYPE : objectTypeId;
  if (typeof type !== 'string' && typeof type !== 'number')
    return refuse('the objectTypeId is neither a text nor a number');
  const relation = isJsonObject(relationshipAttributes)
    ? { relationship_attributes: relationshipAttributes }
    : {};
  const object = {
    type: 'object',
    action: 'identify',
    identifiers: { object_type_id: `${type}`, object_id: groupId },
    attributes: withCreatedAt(others),
    cio_relationships: [{ identifiers: identifierOf(id), ...relation }],
  };
  return utf8Length(JSON.stringify(object)) > OBJECT_BYTES_MAX
    ? refuse(`the group is longer than ${OBJECT_BYTES_MAX} bytes`)
    : post('/api/v2/entity', object);
}
