import type { Clock } from '../platform/clock.ts';

/** Requests that go out together to a receiver about which nothing is known: most answer before more would help. */
const WIDTH_MIN = 2;
/** When a request has waited so long, twice as many may go. Even a far receiver's answers soon make it as wide as it may be. */
const WIDEN_AFTER_MS = 10;
/** After so long without a request, connections are closed by one side or the other, and it begins anew. */
const NARROW_AFTER_MS = 4_000;

/**
 * Lets no more requests go out to one receiver at the same time than it takes to keep up with them: each has a connection
 * of its own, and a burst of a hundred events for a quick receiver needs two of them, not a hundred. Where answers are
 * slow, or do not come, it widens within a few hundredths of a second.
 */
export class Gate {
  readonly #clock: Clock;
  readonly #widthMax: number;
  #width = WIDTH_MIN;
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];
  #cancelWidening: (() => void) | undefined;
  #lastLeftAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, widthMax: number) {
    this.#clock = clock;
    this.#widthMax = widthMax;
  }

  /** Calls `go` as soon as there is a place, which is given back by `leave`. */
  enter(go: () => void): void {
    const isIdle = this.#underWay === 0 && this.#clock.monotonic() - this.#lastLeftAt > NARROW_AFTER_MS;
    if (isIdle) this.#width = WIDTH_MIN;
    if (this.#underWay < this.#width) {
      this.#underWay += 1;
      return go();
    }
    this.#waiting.push(go);
    this.#widenLater();
  }

  /** A request that had a place is over. */
  leave(): void {
    this.#underWay -= 1;
    this.#lastLeftAt = this.#clock.monotonic();
    this.#admit();
  }

  /** Lets all that wait go at once, for the receiver's connections are closed. */
  open(): void {
    this.#width = Number.POSITIVE_INFINITY;
    this.#cancelWidening?.();
    this.#admit();
  }

  #admit(): void {
    while (this.#underWay < this.#width) {
      const go = this.#waiting.shift();
      if (go === undefined) return;
      this.#underWay += 1;
      go();
    }
  }

  #widenLater(): void {
    if (this.#width >= this.#widthMax) return;
    this.#cancelWidening ??= this.#clock.after(WIDEN_AFTER_MS, () => {
      this.#cancelWidening = undefined;
      if (this.#waiting.length === 0) return;
      this.#width = Math.min(this.#width * 2, this.#widthMax);
      this.#admit();
      if (this.#waiting.length > 0) this.#widenLater();
    });
  }
}
