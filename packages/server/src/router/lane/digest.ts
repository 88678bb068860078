import type { Clock } from '../../platform/clock.ts';

/** How often the same thing is said at most: a receiver that refuses everything must not flood the log. */
const SAID_EVERY_MS = 60_000;

/** Says what happens often only now and then: how often it happened since, and the particulars of the last time. */
export class Digest<Particulars> {
  readonly #clock: Clock;
  readonly #say: (count: number, last: Particulars) => void;
  #unsaid = 0;
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, say: (count: number, last: Particulars) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  add(last: Particulars, count = 1): void {
    this.#unsaid += count;
    if (this.#clock.monotonic() < this.#quietUntil) return;
    this.#say(this.#unsaid, last);
    this.#unsaid = 0;
    this.#quietUntil = this.#clock.monotonic() + SAID_EVERY_MS;
  }
}
