import type { AnswerHead } from './answer-head.ts';
import { NoAnswer } from './no-answer.ts';

/** Where an answer's content ends, and what becomes of its connection then. */
export interface Framing {
  /** How many bytes it has, where that is known beforehand. */
  readonly content: number | 'chunked' | 'until close';
  /** For how long the connection may be kept for another request, in milliseconds; 0 where it is to be closed. */
  readonly keepMs: number;
}

/**
 * Connections without a request are kept for so long, unless the receiver asks for less: half of what most web servers and
 * load balancers keep them.
 */
const KEEP_MS = 30_000;
/** We let go of a connection so long before the receiver does, or a request could meet it as it closes. */
const KEEP_MARGIN_MS = 1_000;

const CLOSE = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i;
const KEEP_ALIVE = /(?:^|,)[ \t]*keep-alive[ \t]*(?:,|$)/i;
/** A parameter of the header Keep-Alive, in seconds. */
const TIMEOUT = /(?:^|,)[ \t]*timeout[ \t]*=[ \t]*(\d+)/i;

/**
 * Reads the headers of a final answer to a request with this method as RFC 9112 §6.3 and §9.3 say. Throws NoAnswer where
 * they contradict each other.
 */
export function framingOf(method: string, head: AnswerHead): Framing {
  const { status, minorVersion } = head;
  const length = lengthOf(head.contentLength);
  const isChunked = isChunkedBy(head.transferEncoding);
  if (method === 'HEAD' || status === 204 || status === 304) return { content: 0, keepMs: keepMsOf(head) };
  if (isChunked !== undefined) {
    // Two statements about the length, or chunks before there were any (§6.1): an attempt to deceive somebody, or a
    // broken proxy. The chunks count, and nothing that follows is believed.
    const isDubious = length !== undefined || minorVersion === 0;
    if (!isChunked) return { content: 'until close', keepMs: 0 };
    return { content: 'chunked', keepMs: isDubious ? 0 : keepMsOf(head) };
  }
  if (length === undefined) return { content: 'until close', keepMs: 0 };
  return { content: length, keepMs: keepMsOf(head) };
}

/** The number of bytes. The same number several times is tolerated (RFC 9110 §8.6). */
function lengthOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const [, text] = /^(\d+)(?:[ \t]*,[ \t]*\1)*$/.exec(header) ?? [];
  const length = Number(text);
  if (!Number.isSafeInteger(length)) throw new NoAnswer('no answer (its length is unclear)');
  return length;
}

/** Undefined without a transfer coding. Where `chunked` is not the last one, only the end of the connection tells. */
function isChunkedBy(header: string | undefined): boolean | undefined {
  if (header === undefined) return undefined;
  const codings = header
    .toLowerCase()
    .split(',')
    .map((text) => text.trim());
  const place = codings.indexOf('chunked');
  if (place !== -1 && place !== codings.length - 1)
    throw new NoAnswer('no answer (its transfer coding is unclear)');
  return place !== -1;
}

function keepMsOf({ minorVersion, connection = '', keepAlive }: AnswerHead): number {
  if (CLOSE.test(connection) || (minorVersion === 0 && !KEEP_ALIVE.test(connection))) return 0;
  if (keepAlive === undefined) return KEEP_MS;
  const [, seconds] = TIMEOUT.exec(keepAlive) ?? [];
  return Math.max(Math.min(Number(seconds ?? KEEP_MS) * 1_000 - KEEP_MARGIN_MS, KEEP_MS), 0);
}
