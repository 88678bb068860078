import type { IncomingMessage, ServerResponse } from 'node:http';
import { KB } from '@metarouter/events';
import type { Answer } from './answers.ts';
import { corsHeaders, NO_HEADERS } from './cors.ts';

/** The most bytes of a refused body that are still read, so that its sender comes to read the answer: 8 MB. */
const DRAIN_BYTES_MAX = 8 * KB * KB;

/** Sends an answer. When the request has not been read to its end, the connection is closed after it. */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const headers = [
    'Content-Type',
    answer.type ?? 'application/json',
    'Content-Length',
    String(Buffer.byteLength(answer.body)),
    ...corsHeaders(request),
    ...(answer.headers ?? NO_HEADERS),
  ];
  if (request.complete) {
    // A text in place of bytes: node sends it in one write with the headers.
    response.writeHead(answer.status, headers).end(answer.body);
    return;
  }
  headers.push('Connection', 'close');
  response.writeHead(answer.status, headers).write(answer.body);
  drain(request, response);
}

/**
 * Reads on for a while and throws away. Closing at once would reset the connection under a client that is still
 * sending, and it would never see the answer.
 */
function drain(request: IncomingMessage, response: ServerResponse): void {
  let drained = 0;
  request.on('data', (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > DRAIN_BYTES_MAX) request.destroy();
  });
  request.on('end', () => response.end());
}
