import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { openBrowserPage } from '../../support/browser-page.ts';
import { MEANING, type Sdk, type Target } from '../sdk.ts';
import { browserReactions } from './browser-trial.ts';
import { args, nothingLeft } from './in-page.ts';
import { installedVersion } from './installed-version.ts';

/** Segment's library for web pages, in a real browser. */
export function analyticsNext(executablePath: string): Sdk {
  return {
    name: '@segment/analytics-next',
    version: installedVersion('@segment/analytics-next'),
    page: 'browser',
    proof: 'real client',
    platform: 'analytics.js',
    calls: {
      ...MEANING,
      page: {
        ...MEANING.page,
        properties: { ...MEANING.page.properties, title: 'The shop' },
        context: { campaign: { source: 'letter', name: 'spring' } },
      },
    },
    common: {
      anonymousId: expect.any(String),
      context: {
        library: { name: 'analytics.js' },
        ip: '127.0.0.1',
        userAgent: expect.stringContaining('Chrome'),
      },
    },
    patience: '10 times, kept in `localStorage`',
    async sendAll(target) {
      await using browser = await openBrowserPage(executablePath);
      const { identify, track, page, screen, group, alias } = MEANING;
      // The alias comes first: this library puts the user whom it knows in place of the one that alias is told.
      await browser.page.evaluate(`(async () => {
        const [analytics] = await ${load(browser.origin, target)};
        await analytics.alias(${args(alias.userId, alias.previousId)});
        await analytics.identify(${args(identify.userId, identify.traits)});
        await analytics.track(${args(track.event, track.properties)});
        await analytics.page(${args(page.name, page.properties)});
        await analytics.screen(${args(screen.name, screen.properties)});
        await analytics.group(${args(group.groupId, group.traits)});
      })()`);
      nothingLeft(browser);
    },
    async reactions() {
      await using browser = await openBrowserPage(executablePath);
      return await browserReactions(
        browser,
        (page) => page.waitForFunction('window.AnalyticsNext !== undefined'),
        (page, target) => sendOne(page, browser.origin, target),
      );
    },
  };
}

function sendOne(page: Page, origin: string, target: Target): Promise<unknown> {
  const { event, properties } = MEANING.track;
  return page.evaluate(
    `${load(origin, target)}.then(([analytics]) => void analytics.track(${args(event, properties)}))`,
  );
}

function load(origin: string, { url, writeKey }: Target): string {
  const segment = { apiKey: writeKey, apiHost: `${new URL(url).host}/v1`, protocol: 'http' };
  const cdnSettings = { integrations: { 'Segment.io': segment }, metrics: { sampleRate: 0 } };
  return `AnalyticsNext.AnalyticsBrowser.load(${args({ writeKey, cdnURL: origin, cdnSettings })})`;
}
