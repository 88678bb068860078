import type { Clock } from '../../platform/clock.ts';

/** How often the same thing is said at most: a receiver that refuses everything must not flood the log. */
const SAID_EVERY_MS = 60_000;

/** Says what happens often only now and then: how often it happened since, and the particulars of the last time. */
export class Digest<Particulars> {
  readonly #clock: Clock;
  readonly #say: (count: number, last: Particulars) => void;
  #unsaid: { readonly count: number; readonly last: Particulars } | undefined;
  /** Ends the silence after something was said; undefined when there is none. */
  #cancelEnd: (() => void) | undefined;

  constructor(clock: Clock, say: (count: number, last: Particulars) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  add(last: Particulars, count = 1): void {
    this.#unsaid = { count: (this.#unsaid?.count ?? 0) + count, last };
    if (this.#cancelEnd === undefined) this.#sayUnsaid();
  }

  /** Says what is left to say; nothing is added any more. */
  close(): void {
    this.#cancelEnd?.();
    if (this.#unsaid !== undefined) this.#say(this.#unsaid.count, this.#unsaid.last);
    this.#unsaid = undefined;
  }

  #sayUnsaid(): void {
    this.#cancelEnd = undefined;
    if (this.#unsaid === undefined) return;
    const { count, last } = this.#unsaid;
    this.#unsaid = undefined;
    // What comes meanwhile is said at the end of the silence, also when nothing comes after that.
    this.#cancelEnd = this.#clock.after(SAID_EVERY_MS, () => this.#sayUnsaid());
    this.#say(count, last);
  }
}
