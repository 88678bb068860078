import { type CareServices, lookAfterPipelines } from './look-after-pipelines.ts';

/** How often pipelines are looked at: nobody waits longer to be told of a pause. */
const LOOK_EVERY_MS = 60_000;

/** Looks after all pipelines until it is stopped. */
export interface PipelineWatch {
  /** Looks no more; resolves when the look that is under way is over. */
  stop(): Promise<void>;
}

/**
 * Looks after all pipelines once a minute, from a minute after now on. While the lanes or the store cannot be reached it
 * says so once, and goes on trying.
 */
export function watchPipelines(services: CareServices): PipelineWatch {
  const { clock, logger } = services;
  let isFailing = false;
  let isStopped = false;
  let looking = Promise.resolve();
  let cancel = later();

  function later(): () => void {
    return clock.after(LOOK_EVERY_MS, () => {
      looking = look();
    });
  }

  async function look(): Promise<void> {
    try {
      await lookAfterPipelines(services);
      isFailing = false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!isFailing && !isStopped) logger.warn(UNREACHABLE, { reason });
      isFailing = true;
    }
    if (!isStopped) cancel = later();
  }

  return {
    stop() {
      isStopped = true;
      cancel();
      return looking;
    },
  };
}

const UNREACHABLE =
  'It cannot be seen whether Owners have to be told of pipelines that fail. It is tried again every minute.';
