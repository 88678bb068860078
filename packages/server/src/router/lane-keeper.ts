import { join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import type { Pipeline } from '../store/workspace.ts';
import { type LaneStart, QUESTIONS, type Question } from './messages.ts';
import { Planning } from './planning.ts';
import { type RouterClient, type RouterClientOptions, startRouterThread } from './router-client.ts';
import { Suspects } from './suspects.ts';

/** A lane thread that answers nothing for so long is held to be stuck in an event. */
const ANSWERS_WITHIN_MS = 60_000;
const ASKED_EVERY_MS = 10_000;
/** A stop takes some 5 s where receivers hang. A thread that needs much longer is stuck, and would never end. */
const STOPS_WITHIN_MS = 15_000;
/** More new starts than this within the time mean that starting again does not help. */
const STARTS_MAX = 10;
const STARTS_WITHIN_MS = 600_000;

export interface LaneKeeperOptions
  extends Omit<RouterClientOptions, 'pipelines' | 'starts' | 'planning' | 'suspects' | 'onDeath'> {
  readonly clock: Clock;
  /** What is to run now. */
  readonly pipelines: () => readonly Pipeline[];
  /** Where each partition ends now. */
  readonly starts: () => readonly LaneStart[];
}

/**
 * Runs the lane thread, and starts it again when an event has stopped it: by using up its memory, or by keeping it busy
 * for ever. The door goes on meanwhile. An event that does so three times becomes a dead letter.
 *
 * Resolves when the lanes run; rejects when they cannot.
 */
export async function keepLanesRunning({ clock, ...options }: LaneKeeperOptions): Promise<RouterClient> {
  const { report, onFailure } = options;
  const planning = new Planning();
  const suspects = new Suspects(join(options.directory, 'suspects.json'));
  let startedAt: number[] = [];
  let isStopping = false;
  let cancelWatch = () => {};

  const start = () =>
    startRouterThread({
      ...options,
      pipelines: options.pipelines(),
      starts: options.starts(),
      planning: planning.shared,
      suspects: suspects.all,
      onDeath: (error) => died(error),
    });
  let current = start();
  await current;
  watch();

  function died(error: Error): void {
    if (isStopping) return;
    cancelWatch();
    const now = clock.monotonic();
    startedAt = [...startedAt.filter((at) => now - at < STARTS_WITHIN_MS), now];
    if (startedAt.length > STARTS_MAX) return onFailure(error);
    const position = planning.take();
    const times = position === undefined ? 0 : suspects.add(position);
    report('error', times > 0 ? BY_AN_EVENT : DIED, {
      reason: error.message,
      ...(position === undefined ? {} : { position, times }),
    });
    current = start();
    current.then(watch, onFailure);
  }

  /** Asks now and then whether the lanes still answer, and ends the thread when they do not. */
  function watch(): void {
    cancelWatch = clock.after(ASKED_EVERY_MS, async () => {
      const asked = current;
      const client = await asked;
      const cancel = clock.after(ANSWERS_WITHIN_MS, () => client.kill());
      await client.ask(QUESTIONS.alive, undefined).catch(() => {});
      cancel();
      // A thread that died meanwhile is started again by then, and watched once it runs.
      if (!isStopping && current === asked) watch();
    });
  }

  return {
    async ask<Given, Answer>(question: Question<Given, Answer>, given: Given): Promise<Answer> {
      return (await current).ask(question, given);
    },
    async stop() {
      isStopping = true;
      cancelWatch();
      const client = await current;
      const cancel = clock.after(STOPS_WITHIN_MS, () => client.kill());
      await client.stop();
      cancel();
    },
    // One that does not run has nothing to end.
    kill: () =>
      void current.then(
        (client) => client.kill(),
        () => {},
      ),
  };
}

const BY_AN_EVENT =
  'An event stopped the lanes by an error of ours; they are started again, and events are accepted meanwhile. After ' +
  'three times it is kept as a dead letter. Please report it.';
const DIED =
  'The lanes stopped by an error of ours and are started again; events are accepted meanwhile. Please report it.';
