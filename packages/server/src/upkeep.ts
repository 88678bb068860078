import type { Services } from './control/services.ts';
import { forgetRemovedPipelines } from './forget-removed-pipelines.ts';
import type { Logger } from './platform/logger.ts';
import type { Config } from './platform/settings.ts';
import { QUESTIONS } from './router/messages.ts';
import type { RouterClient } from './router/router-client.ts';

export interface UpkeepOptions {
  readonly services: Services;
  readonly ask: RouterClient['ask'];
  readonly config: Pick<Config, 'retention'>;
  readonly logger: Logger;
}

/** What goes on by itself, until it is stopped. */
export interface Upkeep {
  stop(): Promise<void>;
}

/** From when the server listens on: Owners are told of pipelines that fail; old links and removed pipelines are forgotten. */
export async function startUpkeep({ services, ask, config, logger }: UpkeepOptions): Promise<Upkeep> {
  // Loaded after the server is ready: there is nothing to do in the first minute.
  const [{ watchPipelines }, { forgetOldLinks }] = await Promise.all([
    import('./control/notices/watch-pipelines.ts'),
    import('./control/forget-old-links.ts'),
  ]);
  const { ledger } = services.lanes;
  const outages = () => ask(QUESTIONS.outages, undefined);
  const watch = watchPipelines({
    ...services,
    logger,
    retention: config.retention,
    lanes: { outages, ledger },
  });
  const stopForgetting = forgetOldLinks({
    ...services,
    onFailure: (error) =>
      logger.error('Old links were not forgotten. It is tried again in a day.', {}, error),
  });
  const stopForgettingPipelines = forgetRemovedPipelines({
    ...services,
    ask,
    onFailure: (error) =>
      logger.error('Removed pipelines were not forgotten. It is tried again in a day.', {}, error),
  });
  return {
    async stop() {
      stopForgetting();
      stopForgettingPipelines();
      await watch.stop();
    },
  };
}
