import type { Clock } from '../../platform/clock.ts';
import type { Report } from '../messages.ts';
import type { LaneKey } from '../state/rows.ts';
import type { Trouble } from './breaker.ts';
import { Digest } from './digest.ts';

const WAITS: Readonly<Record<Trouble, string>> = {
  refused:
    'The receiver refuses this pipeline itself, not single events, so it is paused. Its events are kept, and one is ' +
    'tried at least once a minute. Correct the URL or the credentials of its connection, or what the receiver expects.',
  failing:
    'Most attempts fail, so this pipeline waits. Its events are kept, no event is given up meanwhile, and one is tried ' +
    'at least once a minute, or when the pause that the receiver asks for is over; it goes on by itself as soon as ' +
    'the receiver works again.',
  broken:
    'An error of this program makes dead letters of most events of this pipeline, so it is paused. Its events are ' +
    'kept. Please report it; go back to the version before, or disable the pipeline until there is a newer one.',
};
const GOES_ON = 'The receiver takes events again. The pipeline goes on where it waited; no event was lost.';
const GAVE_UP =
  'Events could not be delivered and are kept as dead letters with the reason. Later events of the same users ' +
  'were not held up. Look at the reason; correct the pipeline or what sends such events, and redeliver them.';
const FILTERED = 'Events are not meant for this destination and were not sent to it. The last one says why.';
const LEFT_OUT = 'Events were sent without some of their parts. The last one says which.';

/** What is said of the last of several events. */
interface Said extends Readonly<Record<string, string>> {
  readonly messageId: string;
  readonly why: string;
}

/** What a lane says in the log of the process: what happens often, only now and then. */
export class LaneReport {
  readonly #options: {
    readonly key: LaneKey;
    readonly pipeline: { readonly name: string };
    readonly report: Report;
  };
  readonly #dead: Digest<string>;
  readonly #filtered: Digest<Said>;
  readonly #leftOut: Digest<Said>;

  constructor(options: {
    readonly key: LaneKey;
    readonly pipeline: { readonly name: string };
    readonly clock: Clock;
    readonly report: Report;
  }) {
    const { clock } = options;
    this.#options = options;
    // The dead letters themselves tell the rest.
    this.#dead = new Digest(clock, (count, lastReason) => this.#say('warn', GAVE_UP, { count, lastReason }));
    this.#filtered = new Digest(clock, (count, last) => this.#say('info', FILTERED, { count, ...last }));
    this.#leftOut = new Digest(clock, (count, last) => this.#say('info', LEFT_OUT, { count, ...last }));
  }

  /** The lane waits, or goes on when there is no trouble. */
  changed(trouble: Trouble | undefined, reason: string): void {
    if (trouble === undefined) this.#say('info', GOES_ON, {});
    else this.#say(trouble === 'broken' ? 'error' : 'warn', WAITS[trouble], { reason });
  }

  gaveUp(count: number, reason: string): void {
    this.#dead.add(reason, count);
  }

  filtered(messageId: string, why: string): void {
    this.#filtered.add({ messageId, why });
  }

  leftOut(messageId: string, notes: readonly string[]): void {
    this.#leftOut.add({ messageId, why: notes.join('; ') });
  }

  /** Says what is left to say: the lane ends. */
  close(): void {
    for (const digest of [this.#dead, this.#filtered, this.#leftOut]) digest.close();
  }

  #say(
    level: 'info' | 'warn' | 'error',
    message: string,
    fields: Readonly<Record<string, string | number>>,
  ): void {
    const { key, pipeline, report } = this.#options;
    const { replay, ...lane } = key;
    report(level, message, { ...lane, ...(replay === '' ? {} : { replay }), name: pipeline.name, ...fields });
  }
}
