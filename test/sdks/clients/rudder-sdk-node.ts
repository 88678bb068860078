import Analytics from '@rudderstack/rudder-sdk-node';
import { observedReactions } from '../observed-reactions.ts';
import { MEANING, type Sdk } from '../sdk.ts';
import { installedVersion } from './installed-version.ts';

const { identify, track, page, screen, group, alias } = MEANING;

/** RudderStack's library for Node: batches in gzip. */
export const rudderSdkNode: Sdk = {
  name: '@rudderstack/rudder-sdk-node',
  version: installedVersion('@rudderstack/rudder-sdk-node'),
  page: 'rudderstack',
  proof: 'real client',
  platform: 'server',
  calls: MEANING,
  common: { context: { library: { name: 'analytics-node' } } },
  patience: '3 times (`retryCount`)',
  async sendAll({ url, writeKey }) {
    const analytics = new Analytics(writeKey, { dataPlaneUrl: url, flushAt: 6 });
    // The first call of all is sent at once, whatever `flushAt` says; the others fill a batch.
    await new Promise<void>((resolve) => analytics.identify(identify, () => resolve()));
    analytics.track(track);
    analytics.page(page);
    analytics.screen(screen);
    analytics.group(group);
    analytics.alias(alias);
    await analytics.flush();
  },
  reactions: () =>
    observedReactions(async ({ url }) => {
      const quiet = { logLevel: 'none', errorHandler: () => undefined };
      const analytics = new Analytics('key', { dataPlaneUrl: url, ...quiet });
      await new Promise<void>((resolve) => analytics.track(track, () => resolve()));
    }),
};
