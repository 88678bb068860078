import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, type GraphqlOptions, startGraphqlServer } from './graphql-server.ts';
import { LoopTurns } from './loop-turns.ts';
import { StreamServer } from './stream-server.ts';

/** What stands behind the routes, once one of them was asked for. */
export interface ControlApi {
  /** The answer to a POST of this body to /graphql, as `boundedBody` read it. Never rejects. */
  answer(request: IncomingMessage, body: unknown): Promise<Answer>;
  /** Answers a POST of this body to /graphql/stream. Throws a Refusal when nothing is answered. */
  stream(request: IncomingMessage, body: unknown, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

/** Starts what answers operations and subscriptions of a schema. */
export async function openControlApi(given: Omit<GraphqlOptions, 'turns'>): Promise<ControlApi> {
  const options = { ...given, turns: new LoopTurns() };
  const server = await startGraphqlServer(options);
  const streams = new StreamServer(options);
  return {
    answer: (request, body) => server.answer(request, body),
    stream: (request, body, response) => streams.answer(request, body, response),
    async close() {
      streams.close();
      await server.close();
    },
  };
}
