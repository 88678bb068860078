import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

/** Where analytics.js looks for its parts below the address it is served from. */
const BUNDLES = '/analytics-next/bundles/';
/** Keep the browser from calling home, and let no name but the loopback address resolve at all. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** A browser window showing a page that has loaded analytics.js, with nothing sent yet. */
export interface BrowserPage extends AsyncDisposable {
  readonly page: Page;
  /** The page's own address: analytics.js and its parts come from here. */
  readonly origin: string;
  /** The address of every request the page has made, in order. */
  readonly requests: readonly string[];
}

/** Opens a headless browser on a page, served on loopback, with `window.AnalyticsNext` ready for use. */
export async function openBrowserPage(executablePath: string): Promise<BrowserPage> {
  await using opened = new AsyncDisposableStack();
  const site = opened.adopt(await serveSite(), (server) => server.close());
  const browser = opened.adopt(await chromium.launch({ executablePath, args: FLAGS }), (it) => it.close());
  const page = await browser.newPage();
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(`${site.origin}/shop?utm_source=letter&utm_campaign=spring`);
  await page.waitForFunction('window.AnalyticsNext !== undefined');
  const all = opened.move();
  return { page, origin: site.origin, requests, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** A page that loads analytics.js, and the files of analytics.js as they were published. */
async function serveSite() {
  const umd = dirname(createRequire(import.meta.url).resolve('@segment/analytics-next/dist/umd/index.js'));
  const html = `<!doctype html><title>The shop</title><script src="${BUNDLES}index.js"></script>`;
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (pathname.startsWith(BUNDLES)) {
      const script = await readFile(join(umd, pathname.slice(BUNDLES.length))).catch(() => undefined);
      response.writeHead(script ? 200 : 404, { 'content-type': 'text/javascript' }).end(script);
    } else {
      response.writeHead(pathname === '/shop' ? 200 : 404, { 'content-type': 'text/html' }).end(html);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The page has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
