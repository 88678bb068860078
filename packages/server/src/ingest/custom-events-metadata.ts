import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { isJsonObject, type JsonObject, METADATA_FIELDS, readCalls } from '@metarouter/events';
import { queryOf } from './query.ts';
import { bodyOf } from './received-body.ts';

/** The parts of a request that may carry metadata beside its body. */
export type MetadataCarrier = Pick<IncomingMessage, 'headers' | 'url'>;

/**
 * The metadata that a custom event's request has beside its body: that of its X-Event-Metadata header, or without such a
 * header that of its query. A header without a value counts as none. Undefined when the header is no JSON object. Node
 * has bounded both to 16 KB.
 */
export function metadataBeside({ headers, url = '' }: MetadataCarrier): JsonObject | undefined {
  const header = headers['x-event-metadata'];
  return typeof header === 'string' && header !== '' ? metadataInHeader(header) : metadataInQuery(url);
}

function metadataInHeader(header: string): JsonObject | undefined {
  const text = textOf(header);
  // What is merged into an event is as bounded as the event itself.
  const call = text === undefined ? undefined : readCalls(bodyOf(Buffer.from(text)), false)?.root;
  if (text === undefined || call === undefined || call.fault !== undefined) return undefined;
  const metadata: unknown = JSON.parse(text);
  return isJsonObject(metadata) ? metadata : undefined;
}

/**
 * A header's text. Node reads its bytes as Latin-1; most clients send UTF-8, browsers and their like Latin-1, and those
 * that need other letters there have to percent-encode the whole.
 */
function textOf(header: string): string | undefined {
  if (header.startsWith('%')) return decoded(header);
  const bytes = Buffer.from(header, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : header;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Only the known fields: whatever else stands in an address, such as a cache buster, is not meant for the event. */
function metadataInQuery(target: string): JsonObject {
  const query = queryOf(target);
  return Object.fromEntries(METADATA_FIELDS.map((field) => [field, query.get(field)]));
}
