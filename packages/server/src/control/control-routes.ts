import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { ControlApi } from './control-api.ts';
import { explorerRoutes } from './explorer/explorer-routes.ts';
import { hiddenError } from './hidden-error.ts';
import { HttpRefusal, statusOf } from './http-refusal.ts';
import { boundedBody } from './operation.ts';
import { pageRoutes } from './pages/page-routes.ts';
import { Refusal } from './refusal.ts';
import type { AddressOf } from './request-context.ts';
import type { Services } from './services.ts';

export interface ControlOptions {
  readonly services: Services;
  readonly addressOf: AddressOf;
  /** Ours when left out. */
  readonly schema?: () => Promise<GraphQLSchema>;
}

/**
 * Declares `/graphql`, `/graphql/stream`, `/explorer` and the pages that mailed links open. What answers them is loaded
 * with the first request, so that a server which only takes events neither starts later nor grows.
 */
export function controlRoutes(
  routes: FastifyInstance,
  { services, addressOf, schema = ourSchema }: ControlOptions,
): { close(): Promise<void> } {
  let opened: Promise<ControlApi> | undefined;
  let isClosed = false;
  const open = async () => {
    const { openControlApi } = await import('./control-api.ts');
    return openControlApi({ schema: await schema(), services, addressOf });
  };
  const api = () => {
    if (isClosed) throw new Refusal('UNAVAILABLE', 'This server is stopping: ask again in some seconds.');
    opened ??= open();
    return opened;
  };
  routes.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_: FastifyRequest, body: IncomingMessage) => boundedBody(body));
    scope.setErrorHandler((error: Error & { readonly statusCode?: number }, { raw }, reply) => {
      // Nobody is there to be answered.
      if (raw.destroyed && !raw.complete) return reply.hijack();
      raw.resume();
      if (error instanceof Refusal) return refuse(reply, error);
      const { statusCode = 500, message } = error;
      return refuse(
        reply,
        statusCode < 500 ? new HttpRefusal(statusCode, message) : hiddenError(error, services.onBug),
      );
    });
    scope.post('/graphql', async ({ raw, body }, reply) => {
      const { status, body: text } = await (await api()).answer(raw, body);
      return reply.code(status).headers(HEADERS).send(text);
    });
    scope.post('/graphql/stream', async ({ raw, body }, reply) => {
      await (await api()).stream(raw, body, reply.raw);
      reply.hijack();
    });
    for (const url of ['/graphql', '/graphql/stream']) {
      scope.route({
        url,
        method: scope.supportedMethods.filter((method) => method !== 'POST'),
        handler: (_request, reply) => refuse(reply.header('Allow', 'POST'), ONLY_POST),
      });
    }
    done();
  });
  explorerRoutes(routes);
  pageRoutes(routes);
  return {
    async close() {
      isClosed = true;
      await (await opened)?.close();
    },
  };
}

const HEADERS = {
  'Content-Type': 'application/json; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
};

const ONLY_POST = new HttpRefusal(
  405,
  'POST a JSON object with a query. People can try the API at /explorer.',
);

/** The answer to a request that is refused as a whole, in the shape of all others. */
function refuse(reply: FastifyReply, refusal: Refusal) {
  const { code, message } = refusal;
  return reply
    .code(statusOf(refusal))
    .headers(HEADERS)
    .send(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}

const ourSchema = async () => (await import('./schema.ts')).schema;
