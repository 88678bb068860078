import type { Page } from 'playwright-core';
import type { BrowserPage } from '../../support/browser-page.ts';
import { eventually } from '../../support/eventually.ts';
import { observedReactions } from '../observed-reactions.ts';
import { ANSWERS, type Reactions, type Target } from '../sdk.ts';

const FIRST_REQUEST_TIMEOUT_MS = 10_000;
/** How often a page's clock is put forward by how much: far over every wait of the libraries, answered or not. */
const STEPS = 5;
const STEP = '01:00';

/**
 * Tries out each answer on a page of its own. The pages' clocks are under our control: waits that take minutes pass at
 * once. Their write keys differ, since the libraries keep under them what they have not sent.
 */
export async function browserReactions(
  { page }: BrowserPage,
  load: (page: Page) => Promise<unknown>,
  sendOne: (page: Page, target: Target) => Promise<unknown>,
): Promise<Reactions> {
  await page.context().clock.install();
  const pages: Page[] = [];
  for (const _ of ANSWERS) pages.push(await openBeside(page));
  return observedReactions(async (server, answer) => {
    const own = pages.pop();
    if (own === undefined) throw new Error('There are more answers than pages');
    await load(own);
    await sendOne(own, { url: server.url, writeKey: `key-${answer}` });
    await eventually('the first request', () => server.requests() > 0, FIRST_REQUEST_TIMEOUT_MS);
    for (let step = 0; step < STEPS; step++) {
      // A request of our own: when it is answered, the page has also seen the answers before it.
      await own.evaluate(`fetch('${server.url}')`);
      await own.clock.fastForward(STEP);
    }
  });
}

/** A window that the page opens shares its process, and so is there much sooner than a page of its own would be. */
async function openBeside(page: Page): Promise<Page> {
  const [opened] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate(`void window.open('/shop')`),
  ]);
  return opened;
}
