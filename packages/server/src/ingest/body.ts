import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { REQUEST_BYTES_MAX } from '@metarouter/events';
import { type Problem, problem } from '../platform/problem.ts';

/** The encodings of a body, and whether each is gzip; `x-gzip` is its older name. */
const ENCODINGS: ReadonlyMap<string, boolean> = new Map([
  ['', false],
  ['identity', false],
  ['gzip', true],
  ['x-gzip', true],
]);

/** As much of an encoding that is not taken as the answer repeats, in characters. */
const ENCODING_CHARACTERS_SHOWN = 40;

/** What Windows programs put before a text. JSON has no place for it, but allows its readers to skip it. */
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/**
 * Reads a request's body and calls `done` once: with the bytes, unzipped, bounded and valid UTF-8, or with what is
 * wrong. A body that is too large is refused before it has all arrived. When the client goes away `done` is not called.
 * The bytes are only there until `done` returns.
 */
export function readBody(request: IncomingMessage, done: (body: Buffer | Problem) => void): void {
  const encoding = request.headers['content-encoding'] ?? '';
  // Brotli and deflate are left out on purpose: no SDK sends them, and 100 bytes of brotli can become 64 MB.
  const isGzip = ENCODINGS.get(encoding.toLowerCase());
  if (isGzip === undefined) {
    const shown = encoding.slice(0, ENCODING_CHARACTERS_SHOWN);
    return done(problem('unsupported_encoding', `send gzip or identity, not ${shown}`));
  }
  if (Number(request.headers['content-length'] ?? 0) > REQUEST_BYTES_MAX)
    return done(problem('request_too_large'));

  let chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= REQUEST_BYTES_MAX) {
      chunks.push(chunk);
    } else if (size - chunk.length <= REQUEST_BYTES_MAX) {
      chunks = [];
      done(problem('request_too_large'));
    }
  });
  request.on('end', () => {
    if (size > REQUEST_BYTES_MAX) return;
    const body = joined(chunks);
    done(checkText(isGzip ? unzip(body) : body));
  });
}

/** Where bodies that came in several chunks are put together, one after the other. */
const WHOLE = Buffer.allocUnsafeSlow(REQUEST_BYTES_MAX);

/**
 * Chunks as one. Memory of its own for each body would be 80 MB a second that V8 has to learn of and collect: a sixth of
 * what batches cost.
 */
function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  let size = 0;
  for (const chunk of chunks) size += chunk.copy(WHOLE, size);
  return WHOLE.subarray(0, size);
}

/** On the calling thread: the output's bound keeps it under 2 ms, less than the thread pool's queue may hold it up. */
function unzip(body: Buffer): Buffer | Problem {
  try {
    return gunzipSync(body, { maxOutputLength: REQUEST_BYTES_MAX });
  } catch (error) {
    return error instanceof RangeError
      ? problem('request_too_large')
      : problem('invalid_body', 'the body is not gzip, though Content-Encoding says so');
  }
}

/** The bytes without a byte order mark, when they are UTF-8. */
export function checkText(body: Buffer | Problem): Buffer | Problem {
  if (!Buffer.isBuffer(body)) return body;
  if (!isUtf8(body)) return problem('invalid_body', 'the body is not valid UTF-8');
  const { length } = BYTE_ORDER_MARK;
  return body.subarray(0, length).equals(BYTE_ORDER_MARK) ? body.subarray(length) : body;
}
