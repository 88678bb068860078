import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Answer } from './sdk.ts';

/** The least that is honest: SDKs obey it as it stands, and a test waits as long. */
const RETRY_AFTER_SECONDS = '1';

/** The door's own bodies, since SDKs read them. */
const BODIES: Readonly<Record<Exclude<Answer, 'cut'>, object>> = {
  200: { success: true },
  207: batchRefusal('Invalid event', 'invalid_event'),
  400: batchRefusal('Invalid or missing writekey', 'invalid_write_key'),
  413: batchRefusal('Error reading request body', 'request_too_large'),
  429: batchRefusal('Too many requests', 'rate_limited'),
  503: batchRefusal('Service unavailable', 'unavailable'),
};

/** A server that gives its first request the answer that is being tried, and all later ones 200. */
export interface AnsweringServer extends AsyncDisposable {
  readonly url: string;
  /** How many requests with events have arrived. */
  requests(): number;
}

/** Starts it on a free port. It welcomes pages of any origin, like the door. */
export async function startAnsweringServer(first: Answer): Promise<AnsweringServer> {
  let requests = 0;
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    if (request.method !== 'POST') return send(request, response, 200);
    requests += 1;
    const answer = requests === 1 ? first : 200;
    if (answer === 'cut') request.socket.destroy();
    else send(request, response, answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function send(request: IncomingMessage, response: ServerResponse, status: Exclude<Answer, 'cut'>): void {
  const { origin = '*', 'access-control-request-headers': asked = '' } = request.headers;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Allow-Headers': asked,
    'Access-Control-Expose-Headers': 'Retry-After',
    ...(status === 429 || status === 503 ? { 'Retry-After': RETRY_AFTER_SECONDS } : {}),
  });
  response.end(JSON.stringify(BODIES[status]));
}

function batchRefusal(message: string, code: string) {
  const entry = { Error: 'Bad Request', Message: message, Details: '' };
  return { Success: false, Errors: [entry], success: false, code, message, error: 'Bad Request' };
}
