import type { FastifyInstance } from 'fastify';
import { siteRoutes } from '../site/site-routes.ts';

/** Declares `/explorer`, a page to try the API with. */
export function explorerRoutes(routes: FastifyInstance): void {
  siteRoutes(routes, {
    folder: 'explorer',
    pages: { '/explorer': () => 'explorer' },
    caching: 'no-cache',
    read: async (folder) => (await import('./explorer-files.ts')).readExplorer(folder),
  });
}
