import { type IdentifyEvent, isAbsent, isJsonObject, type JsonObject } from '@metarouter/events';

/**
 * What an identify call says of the user; empty when it says nothing. RudderStack's libraries for browsers give the
 * traits in the context alone, so those count where the call has none of its own.
 */
export function identifyTraits({ traits, context }: IdentifyEvent): JsonObject {
  if (!isAbsent(traits)) return traits;
  return isJsonObject(context?.traits) ? context.traits : {};
}
