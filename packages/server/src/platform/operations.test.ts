import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { operationsRoutes } from './operations.ts';

test('a route that is not there is answered 404, in the documented keys and those that SDKs read', async () => {
  const routes = fastify();
  operationsRoutes(routes, {
    isReady: () => true,
    metrics: { text: async () => '', contentType: 'text/plain' },
  });
  const answer = await routes.inject({ method: 'POST', url: '/v1/nothing?writeKey=x' });
  expect([answer.statusCode, answer.json()]).toEqual([
    404,
    {
      Error: 'Not Found',
      Message: 'No such route',
      Details: 'POST /v1/nothing is not served here.',
      success: false,
      code: 'not_found',
      message: 'No such route',
      error: 'Not Found',
    },
  ]);
});
