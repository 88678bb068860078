import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

/** One request as it stood on the wire. */
export interface Received {
  readonly method: string | undefined;
  /** Path and query, percent-encoding and all. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  /** The parsed JSON; undefined when the body was empty. */
  readonly body: unknown;
  /** 1 for the first request with this method and path, 2 for the next… */
  readonly attempt: number;
  /** In milliseconds, on a clock that only grows. */
  readonly at: number;
}

/** What the vendor answers: a status, with headers and a text if need be, or a connection cut without an answer. */
export type Reply =
  | 'cut'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly text?: string };

/** Plays a vendor's API under the test's control. It keeps all that reaches it, in the order of arrival. */
export interface VendorReceiver extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly received: readonly Received[];
}

/** Starts a vendor on a free port, which answers as the script says. */
export async function startVendorReceiver(script: (request: Received) => Reply): Promise<VendorReceiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const { method, url: path = '' } = request;
    const earlier = received.filter((other) => other.method === method && other.path === path);
    const arrived: Received = {
      method,
      path,
      authorization: request.headers.authorization,
      contentType: request.headers['content-type'],
      body: body === '' ? undefined : JSON.parse(body),
      attempt: earlier.length + 1,
      at: performance.now(),
    };
    received.push(arrived);
    const reply = script(arrived);
    if (reply === 'cut') return void request.socket.destroy();
    response.writeHead(reply.status, reply.headers).end(reply.text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The vendor has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
