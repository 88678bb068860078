import Analytics from 'analytics-node';
import { observedReactions } from '../observed-reactions.ts';
import { MEANING, type Sdk } from '../sdk.ts';
import { installedVersion } from './installed-version.ts';

/** What `@segment/analytics-node` was before 2022, still in many servers. */
export const analyticsNodeLegacy: Sdk = {
  name: 'analytics-node',
  version: installedVersion('analytics-node'),
  page: 'node',
  proof: 'real client',
  platform: 'server',
  calls: MEANING,
  common: { context: { library: { name: 'analytics-node' } } },
  patience: '3 times (`retryCount`)',
  async sendAll({ url, writeKey }) {
    const analytics = new Analytics(writeKey, { host: url, flushAt: 6 });
    // The first call of all is sent at once, whatever `flushAt` says; the others fill a batch.
    await new Promise((resolve) => analytics.identify(MEANING.identify, resolve));
    analytics.track(MEANING.track);
    analytics.page(MEANING.page);
    analytics.screen(MEANING.screen);
    analytics.group(MEANING.group);
    analytics.alias(MEANING.alias);
    await analytics.flush();
  },
  reactions: () =>
    observedReactions(async ({ url }) => {
      const analytics = new Analytics('key', { host: url, errorHandler: () => undefined });
      await new Promise((resolve) => analytics.track(MEANING.track, resolve));
    }),
};
