import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { openBrowserPage } from '../../support/browser-page.ts';
import { eventually } from '../../support/eventually.ts';
import { MEANING, type Sdk, type Target } from '../sdk.ts';
import { browserReactions } from './browser-trial.ts';
import { args, nothingLeft } from './in-page.ts';
import { installedVersion } from './installed-version.ts';

const SCRIPT = fileURLToPath(import.meta.resolve('@rudderstack/analytics-js/bundled')).replace(
  '/esm/index.mjs',
  '/umd/index.js',
);
const SENT_TIMEOUT_MS = 10_000;

/** It has no screens, and puts the traits of an identify into its context. */
const { screen: _, ...meant } = MEANING;
const { userId, traits } = MEANING.identify;

/** RudderStack's library for web pages, in a real browser. */
export function rudderAnalyticsJs(executablePath: string): Sdk {
  return {
    name: '@rudderstack/analytics-js',
    version: installedVersion('@rudderstack/analytics-js'),
    page: 'rudderstack',
    proof: 'real client',
    platform: 'analytics.js',
    calls: { ...meant, identify: { userId, context: { traits } } },
    common: { channel: 'web' },
    patience: '10 times (`queueOptions.maxAttempts`), kept in `localStorage`',
    async sendAll(target) {
      await using browser = await openBrowserPage(executablePath);
      const { identify, track, page, group, alias } = MEANING;
      let answered = 0;
      browser.page.on('requestfinished', (request) => {
        if (request.method() === 'POST') answered += 1;
      });
      await browser.page.addScriptTag({ path: SCRIPT });
      await browser.page.evaluate(`(() => {
        const analytics = ${load(target)};
        analytics.identify(${args(identify.userId, identify.traits)});
        analytics.track(${args(track.event, track.properties)});
        analytics.page(${args(page.name, page.properties)});
        analytics.group(${args(group.groupId, group.traits)});
        analytics.alias(${args(alias.userId, alias.previousId)});
      })()`);
      await eventually('five calls were answered', () => answered >= 5, SENT_TIMEOUT_MS);
      nothingLeft(browser);
    },
    async reactions() {
      await using browser = await openBrowserPage(executablePath);
      return await browserReactions(browser, (page) => page.addScriptTag({ path: SCRIPT }), sendOne);
    },
  };
}

function sendOne(page: Page, target: Target): Promise<unknown> {
  const { event, properties } = MEANING.track;
  return page.evaluate(`void ${load(target)}.track(${args(event, properties)})`);
}

/** The configuration that RudderStack's control plane would answer: a source with nothing to load. */
function load({ url, writeKey }: Target): string {
  const source = { id: 'shop', name: 'Shop', writeKey, enabled: true, config: {}, destinations: [] };
  return `(() => {
    const analytics = new rudderanalytics.RudderAnalytics();
    const getSourceConfig = () => (${JSON.stringify({ source })});
    analytics.load(${args(writeKey, url)}, { getSourceConfig, logLevel: 'NONE' });
    return analytics;
  })()`;
}
