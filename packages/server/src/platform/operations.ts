import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.ts';
import { PROBLEMS, problem, problemBody } from './problem.ts';

/** What a load balancer, a monitor and an operator ask of the process. */
export interface Operations {
  /** Whether events are accepted. False from the moment on that a stop begins or the disk fails. */
  readonly isReady: () => boolean;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
}

/** Declares `/health/live`, `/health/ready` and `/metrics`, and the answer of a route that is not there. */
export function operationsRoutes(routes: FastifyInstance, { isReady, metrics }: Operations): void {
  routes.get('/health/live', () => ({ status: 'live' }));
  routes.get('/health/ready', (_request, reply) => {
    if (isReady()) return { status: 'ready' };
    reply.code(503).header('Retry-After', '5');
    return { status: 'not ready' };
  });
  routes.get('/metrics', async (_request, reply) => {
    reply.type(metrics.contentType);
    return metrics.text();
  });
  routes.setNotFoundHandler((request, reply) => {
    const details = `${request.method} ${request.url.split('?')[0]} is not served here.`;
    reply.code(PROBLEMS.not_found.status);
    return problemBody(problem('not_found', details));
  });
}
