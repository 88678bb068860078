import type { IncomingMessage, ServerResponse } from 'node:http';
import { PROBLEMS, type Problem, problem, problemBody } from './problem.ts';

/** What the parser of `node:http` reports: a code such as `HPE_INVALID_CONSTANT`. */
export interface ProtocolError extends Error {
  readonly code?: string;
}

/** Answers a request that must not be handled, before anything else looks at it. True when it did. */
export function answerUnusable(request: IncomingMessage, response: ServerResponse): boolean {
  const cause = flawOf(request);
  if (cause !== undefined) answerProblem(cause, request, response);
  return cause !== undefined;
}

/** Answers a request with a problem, and closes its connection once the request has been read to its end. */
export function answerProblem(cause: Problem, request: IncomingMessage, response: ServerResponse): void {
  const body = JSON.stringify(problemBody(cause));
  response
    .writeHead(PROBLEMS[cause.code].status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      Connection: 'close',
    })
    .write(body);
  request.on('end', () => response.end()).resume();
}

/** Two `Host` headers, or none, let a proxy and us disagree on whom a request is for. Node keeps the first of them. */
function flawOf(request: IncomingMessage): Problem | undefined {
  const { rawHeaders, httpVersion, headers } = request;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  if (hosts > 1) return problem('too_many_hosts', 'send one');
  if (hosts === 0 && httpVersion === '1.1') return problem('invalid_host', 'HTTP/1.1 requires one');
  const { expect } = headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    return problem('expectation_failed', 'send no Expect header');
  return undefined;
}

/** What a client did wrong that made the parser give up. */
export function problemOf({ code, message }: ProtocolError): Problem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return problem('request_timeout', 'the request did not arrive in time: send it again, faster');
    case 'HPE_HEADER_OVERFLOW':
      return problem('headers_too_large', 'all headers together may have 16 KB');
    default:
      return problem('malformed_http', `the connection is closed: ${message}`);
  }
}

/** An answer as the text of a connection that it ends, for where there is no response object. */
export function bareAnswer(cause: Problem): string {
  const { status, error } = PROBLEMS[cause.code];
  const body = JSON.stringify(problemBody(cause));
  const head = `HTTP/1.1 ${status} ${error}\r\nContent-Type: application/json\r\nConnection: close`;
  return `${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
