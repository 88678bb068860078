import type { FastifyInstance } from 'fastify';
import { LINKS, pipelinePage } from '../mails/links.ts';
import { siteRoutes } from '../site/site-routes.ts';

/**
 * Declares the pages that mailed links and the set-up link open, and the one at `/`. None does anything by being opened,
 * as programs that look for evil in mails open links too: each has a button.
 */
export function pageRoutes(routes: FastifyInstance): void {
  siteRoutes(routes, {
    folder: 'pages',
    pages: {
      '/': () => 'home',
      '/setup': () => 'setUp',
      [LINKS.confirm.path]: () => 'confirm',
      [LINKS.invitation.path]: () => 'invitation',
      [LINKS.reset.path]: ({ token }) => (token ? 'reset' : 'forgotten'),
    },
    caching: 'no-store',
    read: async (folder) => (await import('./pages.ts')).readPages(folder),
  });
  routes.get<{ Params: { id: string } }>('/pipelines/:id', ({ params }, reply) =>
    reply.header('Cache-Control', 'no-store').redirect(pipelinePage(params.id)),
  );
}
