import { Analytics } from '@segment/analytics-node';
import { observedReactions } from '../observed-reactions.ts';
import { MEANING, type Sdk } from '../sdk.ts';
import { installedVersion } from './installed-version.ts';

/** Segment's library for Node. */
export const analyticsNode: Sdk = {
  name: '@segment/analytics-node',
  version: installedVersion('@segment/analytics-node'),
  page: 'node',
  proof: 'real client',
  platform: 'server',
  calls: MEANING,
  common: { context: { library: { name: '@segment/analytics-node' } } },
  patience: '10 times (`maxRetries`); after a 429, 12 hours',
  async sendAll({ url, writeKey }) {
    const analytics = new Analytics({ host: url, writeKey });
    analytics.identify(MEANING.identify);
    analytics.track(MEANING.track);
    analytics.page(MEANING.page);
    analytics.screen(MEANING.screen);
    analytics.group(MEANING.group);
    analytics.alias(MEANING.alias);
    await analytics.closeAndFlush();
  },
  reactions: () =>
    observedReactions(async ({ url }) => {
      const analytics = new Analytics({ host: url, writeKey: 'key' });
      analytics.track(MEANING.track);
      await analytics.closeAndFlush();
    }),
};
