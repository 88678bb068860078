import type { Clock } from './platform/clock.ts';
import { QUESTIONS } from './router/messages.ts';
import type { RouterClient } from './router/router-client.ts';
import type { Store } from './store/store.ts';

/** Soon after a start, as a server that is started anew each night would never come to it; not during one. */
const FIRST_MS = 60_000;
const EVERY_MS = 86_400_000;

export interface RemovedPipelinesOptions {
  readonly clock: Clock;
  readonly store: Pick<Store, 'db'>;
  readonly ask: RouterClient['ask'];
  /** Told when it did not work; it is tried again a day later. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * A minute after a start and then once a day has the lanes forget what they keep of pipelines that were removed long ago. Asked is the store itself: where it
 * cannot be reached nothing is forgotten, nor of a pipeline that cannot run because its secrets do not open. Returns the way
 * to stop it.
 */
export function forgetRemovedPipelines(options: RemovedPipelinesOptions): () => void {
  const { clock, store, ask, onFailure } = options;
  const forget = async () => {
    try {
      const rows = await store.db.selectFrom('pipelines').select('id').execute();
      await ask(
        QUESTIONS.forgetOthers,
        rows.map(({ id }) => id),
      );
    } catch (error) {
      onFailure(error);
    }
    if (!hasStopped) cancel = clock.after(EVERY_MS, () => void forget());
  };
  let hasStopped = false;
  let cancel = clock.after(FIRST_MS, () => void forget());
  return () => {
    hasStopped = true;
    cancel();
  };
}
