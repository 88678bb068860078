import type { FastifyInstance } from 'fastify';
import type { Site } from './site.ts';

/** How a site is served. */
export interface SiteRoutes {
  /** What is in front of the files' addresses. */
  readonly folder: string;
  /** Which page is at which address; the query can make a difference. */
  readonly pages: Readonly<Record<string, (query: Query) => string>>;
  /** What browsers do with a page: ask whether it is still the same, or keep nothing of it. */
  readonly caching: 'no-cache' | 'no-store';
  /** Called once, with the first request. */
  readonly read: (folder: string) => Promise<Site>;
}

/** What stands behind the question mark of an address. */
type Query = Readonly<Record<string, unknown>>;

/**
 * What the pages may do: load our own files, and talk to the server that they came from. Pictures and fonts may be in a
 * style sheet. Forms are sent by scripts alone: a browser would write what is in them into an address.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  'font-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/** Each file's address has the hash of what is in it, so it never changes. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** Declares the pages of a site, and the files that they are made of: nothing comes from elsewhere. */
export function siteRoutes(routes: FastifyInstance, { folder, pages, caching, read }: SiteRoutes): void {
  let opened: Promise<Site> | undefined;
  const site = () => {
    opened ??= read(folder);
    return opened;
  };
  for (const [address, nameOf] of Object.entries(pages)) {
    routes.get<{ Querystring: Query }>(address, async ({ query }, reply) =>
      reply
        .headers(HEADERS)
        .header('Cache-Control', caching)
        .type('text/html; charset=utf-8')
        .send((await site()).pages.get(nameOf(query))),
    );
  }
  routes.get<{ Params: { name: string } }>(`/${folder}/:name`, async ({ params, headers }, reply) => {
    const file = (await site()).files.get(params.name);
    if (file === undefined) return reply.callNotFound();
    const isZipped = headers['accept-encoding']?.includes('gzip') ?? false;
    if (isZipped) reply.header('Content-Encoding', 'gzip');
    return reply
      .headers(HEADERS)
      .headers({ 'Cache-Control': FOR_EVER, Vary: 'Accept-Encoding' })
      .type(file.type)
      .send(isZipped ? file.zipped : file.plain());
  });
}
