export { type Accepted, accept, type Circumstances, type Refused, type Verdict } from './accept.ts';
export { type Body, type Call, type CallFault, isArray, isObject } from './call.ts';
export type * from './context.ts';
export { type AcceptedCustom, acceptCustom, asTrack, type CustomCircumstances } from './custom-event.ts';
export {
  type GivenMetadata,
  METADATA_FIELDS,
  type MetadataField,
  type MetadataReading,
  readMetadata,
} from './custom-event-metadata.ts';
export {
  type AliasEvent,
  CALLS,
  type CallType,
  type CustomEvent,
  type Event,
  type GroupEvent,
  type IdentifyEvent,
  isCallType,
  type PageEvent,
  parseEvent,
  type ScreenEvent,
  type TrackEvent,
} from './event.ts';
export {
  compileFilter,
  FILTER_RULES_MAX,
  type Filter,
  type FilterFault,
  type FilterReading,
  type FilterRule,
  RULE_NAME_CHARS_MAX,
} from './filter.ts';
export { Inheritance, inheritanceFaults, nothingInherited } from './inheritance.ts';
export { formatIsoTime, parseIsoTime } from './iso-time.ts';
export { isAbsent, isJsonObject, type JsonObject, mergeDeep } from './json.ts';
export {
  BATCH_ITEMS_MAX,
  DEPTH_MAX,
  EVENT_BYTES_DEFAULT,
  KB,
  KEYS_MAX,
  MESSAGE_ID_CHARS_MAX,
  REQUEST_BYTES_MAX,
} from './limits.ts';
export { type Calls, readCalls } from './read-calls.ts';
export { correctTimestamp, type Moment, momentOf, SKEW_MAX } from './stamps.ts';
