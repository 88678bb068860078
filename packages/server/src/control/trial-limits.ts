import type { Clock } from '../platform/clock.ts';
import { RecentUses, takeTogether } from '../platform/recent-uses.ts';
import { type Caller, personOf } from './caller.ts';
import { refuseBeyond } from './refuse-beyond.ts';

/** Previews of one caller in any 60 seconds. A form that shows one as somebody types asks once a second. */
export const PREVIEWS_A_MINUTE = 60;

/**
 * Tests of connections of one caller in any 60 seconds. Each calls the receiver, up to five of them, and waits for it. Who
 * corrects a key tries fewer; and nobody finds a right one, or troubles a stranger's server, by having us ask.
 */
export const CONNECTION_TESTS_A_MINUTE = 10;

const PERIOD_MS = 60_000;

/** How many callers are counted at a time: some 10 MB if all of them asked for all that they may. */
const CALLERS_MAX = 10_000;

/** What costs the lanes' thread time that deliveries then lack, or has this server call others. */
export type Trial = 'preview' | 'connection test';

const WORDS: Readonly<Record<Trial, string>> = {
  preview: `${PREVIEWS_A_MINUTE} previews`,
  'connection test': `${CONNECTION_TESTS_A_MINUTE} tests of connections`,
};

/** Bounds how often each person, with all the API keys that they made, has something tried; counted in this process. */
export class TrialLimits {
  readonly #clock: Clock;
  readonly #uses: Readonly<Record<Trial, RecentUses>> = {
    preview: minuteOf(PREVIEWS_A_MINUTE),
    'connection test': minuteOf(CONNECTION_TESTS_A_MINUTE),
  };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts a trial.
   *
   * @throws Refusal, uncounted, when the caller has to wait: it says how long.
   */
  take(trial: Trial, caller: Caller): void {
    const use = { of: this.#uses[trial], key: personOf(caller) };
    refuseBeyond(takeTogether([use], this.#clock.monotonic()), `There may be ${WORDS[trial]} a minute.`);
  }
}

function minuteOf(max: number): RecentUses {
  return new RecentUses({ periodMs: PERIOD_MS, max, keysMax: CALLERS_MAX });
}
