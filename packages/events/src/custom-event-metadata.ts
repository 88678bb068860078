import { checkMessageId, isBlank } from './identifier.ts';
import { parseIsoTime } from './iso-time.ts';
import { isAbsent, isJsonObject, type JsonObject } from './json.ts';
import { METADATA_CHARS_MAX } from './limits.ts';
import { parsePath } from './path-expression.ts';
import { firstMatch, PATH_NODES_MAX } from './path-expression-match.ts';

/** The fields of a custom event's metadata, in the order in which they are written. */
export const METADATA_FIELDS = [
  'eventID',
  'eventName',
  'writeKey',
  'timestamp',
  'anonymousID',
  'userID',
  'ip',
] as const;

export type MetadataField = (typeof METADATA_FIELDS)[number];

/** The metadata that a client gave, its paths followed. What it did not give is absent. */
export type GivenMetadata = { readonly [F in MetadataField]?: string };

/** What became of a custom event's metadata. */
export interface MetadataReading {
  readonly given: GivenMetadata;
  /** What stands in the metadata beside the known fields, as it came. */
  readonly others: JsonObject;
  /** The event without its metadata. */
  readonly rest: JsonObject;
  /** Everything that is wrong. Whether a write key is needed or known is for others to say. */
  readonly faults: readonly string[];
}

/**
 * Reads the metadata of a parsed custom event: its `_metarouter`, or its `_mrSchema` when it has none, and over it, field
 * by field, what came beside the body. A value that is null or empty counts as not given, wherever it stands. A value in
 * braces is a path into the event without its metadata. Neither argument is changed.
 */
export function readMetadata(body: JsonObject, beside: JsonObject): MetadataReading {
  const { _metarouter, _mrSchema, ...rest } = body;
  const faults: string[] = [];
  const own = isAbsent(_metarouter)
    ? metadataIn('_mrSchema', _mrSchema, faults)
    : metadataIn('_metarouter', _metarouter, faults);
  const others: Record<string, unknown> = { ...own, ...withoutBlanks(beside) };
  const given: { [F in MetadataField]?: string } = {};
  for (const field of METADATA_FIELDS) {
    const reading = readValue(others[field], rest);
    delete others[field];
    if ('fault' in reading) faults.push(`${field} ${reading.fault}`);
    else if (reading.text !== '') given[field] = reading.text;
    else if (field === 'eventName') faults.push('eventName is required');
  }
  if (given.eventID !== undefined) checkMessageId('eventID', given.eventID, faults);
  if (given.timestamp !== undefined && parseIsoTime(given.timestamp) === undefined) {
    faults.push('timestamp must be an ISO 8601 date, or date and time, in 1970–2100');
  }
  return { given, others, rest, faults };
}

function metadataIn(key: string, value: unknown, faults: string[]): JsonObject {
  if (isJsonObject(value)) return value;
  // An empty array is PHP's spelling of an empty object.
  const isEmpty = isAbsent(value) || (Array.isArray(value) && value.length === 0);
  if (!isEmpty) faults.push(`${key} must be an object`);
  return {};
}

function withoutBlanks(metadata: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => !isBlank(value)));
}

/** A field's text, empty when it counts as not given; or what is wrong with it, to be put behind its name. */
type ValueReading = { readonly text: string } | { readonly fault: string };

function readValue(value: unknown, event: JsonObject): ValueReading {
  if (isBlank(value)) return { text: '' };
  if (typeof value !== 'string') return { fault: 'must be a string' };
  const isPath = value.startsWith('{') && value.endsWith('}');
  const reading = isPath ? follow(value, event) : { text: value };
  if ('text' in reading && reading.text.length > METADATA_CHARS_MAX) {
    return { fault: `must have at most ${METADATA_CHARS_MAX} characters` };
  }
  return reading;
}

function follow(expression: string, event: JsonObject): ValueReading {
  const reading = parsePath(expression.slice(1, -1).trim());
  if ('fault' in reading) return pathFault(expression, reading.fault);
  const match = firstMatch(reading.path, event);
  switch (match.kind) {
    case 'found':
      return textOf(match.value) ?? pathFault(expression, `leads to ${nameOfKind(match.value)}`);
    case 'nothing':
      return pathFault(expression, 'finds nothing in the event');
    case 'too_far':
      return pathFault(expression, `finds nothing in the first ${PATH_NODES_MAX} values`);
  }
}

/** How much of a path that is too long is quoted. */
const QUOTED_CHARS_MAX = 300;

function pathFault(expression: string, fault: string): ValueReading {
  return { fault: `has the path ${expression.slice(0, QUOTED_CHARS_MAX)}, which ${fault}` };
}

/** A number stands for its digits, unless JSON.parse has already lost some of them. */
function textOf(value: unknown): { readonly text: string } | undefined {
  if (typeof value === 'string') return { text: value };
  const isExact = typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return isExact || typeof value === 'boolean' ? { text: String(value) } : undefined;
}

function nameOfKind(value: unknown): string {
  if (typeof value === 'number') return 'a number that is too large to be exact: send it as a string';
  const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object';
  return `${kind}: it must lead to a string, a number or a boolean`;
}
