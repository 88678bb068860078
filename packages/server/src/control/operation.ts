import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { HttpRefusal } from './http-refusal.ts';

/** What a request asks for. */
export interface Operation {
  readonly query: string;
  /** Which operation of the document; needed when there are several. */
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
}

/** The size of a request's body. The largest values that people configure, and previewed events, have tens of KB. */
export const BODY_BYTES_MAX = 256 * 1024;

/** How deeply lists and objects may be nested, in variables and in documents: as deep as in events. */
export const NESTING_MAX = 64;

const REMEDY = 'Send a JSON object such as {"query": "{ me { email } }", "variables": {}}';

/** Stands for a body of more than `BODY_BYTES_MAX`. */
export const TOO_LARGE = Symbol('too large');

/** Reads a body to its end, so that its sender comes to see the answer, and keeps no more than `BODY_BYTES_MAX` of it. */
export async function boundedBody(body: AsyncIterable<Buffer>): Promise<Buffer | typeof TOO_LARGE> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size <= BODY_BYTES_MAX) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size <= BODY_BYTES_MAX ? Buffer.concat(chunks) : TOO_LARGE;
}

/**
 * The operation in a request's body, as `boundedBody` read it.
 *
 * @throws HttpRefusal when there is none: what is wrong, and what would be right.
 */
export function readOperation(headers: IncomingHttpHeaders, body: unknown): Operation {
  // Forms and plain text, which a foreign page may post without being asked, are no operations.
  const [mediaType = ''] = (headers['content-type'] ?? '').split(';');
  if (mediaType.trim().toLowerCase() !== 'application/json')
    throw new HttpRefusal(415, 'Send the operation as JSON, with the header Content-Type: application/json.');
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity')
    throw new HttpRefusal(415, 'Send the body as it is, without a Content-Encoding.');
  if (body === TOO_LARGE) throw new HttpRefusal(413, `A request may have ${BODY_BYTES_MAX / 1024} KB.`);
  const { query, operationName, variables, extensions } = readObject(body);
  if (isObject(extensions) && 'persistedQuery' in extensions)
    throw new HttpRefusal(400, 'Persisted queries are not kept here: send the whole query.');
  if (typeof query !== 'string' || query.trim() === '')
    throw new HttpRefusal(400, `There is no query. ${REMEDY}.`);
  if (operationName != null && typeof operationName !== 'string')
    throw new HttpRefusal(400, 'operationName must be the name of an operation in the query.');
  if (variables != null && !isObject(variables))
    throw new HttpRefusal(400, 'variables must be an object, with a member for each variable.');
  if (isNestedDeeper(variables, NESTING_MAX))
    throw new HttpRefusal(400, `The variables may be nested ${NESTING_MAX} deep.`);
  return { query, operationName: operationName ?? undefined, variables: variables ?? undefined };
}

function readObject(body: unknown): Readonly<Record<string, unknown>> {
  if (!Buffer.isBuffer(body) || !isUtf8(body))
    throw new HttpRefusal(400, `The body is not UTF-8. ${REMEDY}.`);
  const value = parsed(body.toString());
  if (Array.isArray(value))
    throw new HttpRefusal(
      400,
      'Operations are not taken in batches: send each in a request of its own, or several fields in one.',
    );
  if (!isObject(value)) throw new HttpRefusal(400, `The body is not a JSON object. ${REMEDY}.`);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, `The body is not JSON. ${REMEDY}.`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without recursion, which deep values would make overflow. */
function isNestedDeeper(value: unknown, max: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > max + 1) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}
