import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type FastifyInstance, fastify } from 'fastify';
import type { Clock } from './clock.ts';
import { Connections } from './connections.ts';
import { connectionsMax } from './connections-max.ts';
import { problem } from './problem.ts';
import { answerProblem, answerUnusable, bareAnswer } from './protocol-errors.ts';

/** How long a connection may take, in milliseconds. Node answers a request that is late with 408 by itself. */
export const SOCKET_LIMITS = {
  headersTimeout: 10_000,
  /** For a whole request to arrive: a drip of bytes must not hold a connection. With the interval below, under 15 s. */
  requestTimeout: 13_000,
  /** How often the two above are looked at; Node's own 30 s would make them 45 s. */
  connectionsCheckingInterval: 1_000,
  /** Longer than the 60 s after which common load balancers drop an idle connection, so that they do it first. */
  keepAliveTimeout: 65_000,
} as const;

/** A missing `Host` and an unknown `Expect` are answered by us: Node's own answers give no reason. */
const SERVER_OPTIONS = { ...SOCKET_LIMITS, requireHostHeader: false };

const HEADERS_COUNT_MAX = 100;
/** Requests that are under way at a stop get this long. */
const DRAIN_MS_MAX = 10_000;
const DRAIN_CHECK_MS = 20;

/** Routes that are answered without the framework, because they are the ones that must be fast. */
export interface HotRoutes {
  handles(target: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** One HTTP server: the hot routes on plain `node:http`, everything else behind them on Fastify. */
export interface WebServer {
  /** Where all but the hot routes are declared. */
  readonly routes: FastifyInstance;
  /** Listens and resolves with the port, which matters when 0 was asked for. */
  listen(host: string, port: number): Promise<number>;
  /** Takes no new connection, lets running requests finish for a while, then closes. */
  close(): Promise<void>;
}

/** A server that does not listen yet. `onBug` is told of an error that no request should be able to cause. */
export function createWebServer(hot: HotRoutes, clock: Clock, onBug: (error: unknown) => void): WebServer {
  let server: Server | undefined;
  const connections = new Connections(clock);
  const routes = fastify({
    clientErrorHandler: (error, socket) => connections.condemn(error, socket),
    // A path that cannot be decoded, and its like.
    frameworkErrors: (error, request, reply) =>
      answerProblem(problem('malformed_http', error.message), request.raw, reply.raw),
    serverFactory(rest) {
      server = createServer(SERVER_OPTIONS, (request, response) => {
        if (!connections.admits(request, response) || answerUnusable(request, response)) return;
        request.url = originForm(request.url ?? '');
        if (hot.handles(request.url)) hot.handle(request, response);
        else rest(request, response);
      });
      server.on('connection', (socket) => connections.opened(socket));
      server.on('checkExpectation', answerUnusable);
      server.on('connect', (_request, socket) => socket.end(bareAnswer(NO_TUNNELS)));
      server.maxHeadersCount = HEADERS_COUNT_MAX;
      server.maxConnections = connectionsMax();
      return server;
    },
  });
  // A route that wants a body says so itself. Others' bodies are read and thrown away, so that clients see the answer.
  routes.removeAllContentTypeParsers();
  routes.addContentTypeParser('*', (_request, body, done) => void body.on('end', () => done(null)).resume());
  routes.setErrorHandler(
    (error: { readonly statusCode?: number; readonly message: string }, request, reply) => {
      const isTheirs = error.statusCode !== undefined && error.statusCode < 500;
      if (!isTheirs) onBug(error);
      const cause = isTheirs ? problem('malformed_http', error.message) : problem('internal');
      answerProblem(cause, request.raw, reply.raw);
    },
  );
  return {
    routes,
    async listen(host, port) {
      await routes.listen({ host, port });
      const address = server?.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    },
    async close() {
      if (server !== undefined) await drain(server, connections, clock);
      await routes.close();
    },
  };
}

const NO_TUNNELS = problem('method_not_allowed', 'CONNECT is not served here');

/** A target without the scheme and host that proxies may put before it (RFC 9112, section 3.2.2). */
function originForm(target: string): string {
  return target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*(?=[/?])/i, '');
}

/** Closes connections as they fall idle, and all that are left when the time is up. */
function drain(server: Server, connections: Connections, clock: Clock): Promise<void> {
  const until = clock.monotonic() + DRAIN_MS_MAX;
  return new Promise((resolve) => {
    server.close(() => resolve());
    const look = () => {
      if (!server.listening && clock.monotonic() > until) return server.closeAllConnections();
      server.closeIdleConnections();
      connections.closeUnused();
      server.getConnections((_, open) => {
        if (open > 0) clock.after(DRAIN_CHECK_MS, look);
      });
    };
    look();
  });
}
