import type { Clock } from '../platform/clock.ts';

/** Requests that go out together to a receiver about which nothing is known: most answer before more would help. */
const WIDTH_MIN = 8;
/** While requests wait, it is looked so often whether more should go. */
const LOOK_EVERY_MS = 10;
/** So many looks without an answer mean that answers take long. One is not enough: it may be we who are busy. */
const LOOKS_WITHOUT_ANSWER = 2;
/**
 * Connections without a request are kept for so long, unless the receiver asks for less: half of what most web servers and
 * load balancers keep them. Then it begins anew.
 */
export const IDLE_MS = 30_000;

/**
 * Lets no more requests go out to one receiver at the same time than it takes to keep up with them: each has a connection
 * of its own, and a burst of a hundred events for a quick receiver needs few of them. Where answers take long, or do not
 * come, it widens within a tenth of a second.
 */
export class Gate {
  readonly #clock: Clock;
  readonly #widthMax: number;
  #width: number;
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];
  #cancelLook: (() => void) | undefined;
  #looksWithoutAnswer = 0;
  #lastLeftAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, widthMax: number) {
    this.#clock = clock;
    this.#widthMax = widthMax;
    this.#width = Math.min(WIDTH_MIN, widthMax);
  }

  /** Calls `go` as soon as there is a place, which is given back by `leave`. */
  enter(go: () => void): void {
    const isIdle = this.#underWay === 0 && this.#clock.monotonic() - this.#lastLeftAt > IDLE_MS;
    if (isIdle) this.#width = Math.min(WIDTH_MIN, this.#widthMax);
    // Who waits goes first, also while a place that became free waits for the next turn.
    if (this.#underWay < this.#width && this.#waiting.length === 0) {
      this.#underWay += 1;
      return go();
    }
    this.#waiting.push(go);
    this.#lookLater();
  }

  /** A request that had a place is over. */
  leave(): void {
    this.#underWay -= 1;
    this.#looksWithoutAnswer = 0;
    this.#lastLeftAt = this.#clock.monotonic();
    // Not at once: until the next turn the connection may still count as busy, and another one would be opened.
    if (this.#waiting.length > 0) setImmediate(() => this.#admit());
  }

  /** Lets all that wait go at once, for the receiver's connections are closed. */
  open(): void {
    this.#width = Number.POSITIVE_INFINITY;
    this.#cancelLook?.();
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

  #lookLater(): void {
    if (this.#width >= this.#widthMax) return;
    this.#cancelLook ??= this.#clock.after(LOOK_EVERY_MS, () => {
      this.#cancelLook = undefined;
      this.#look();
    });
  }

  #look(): void {
    if (this.#waiting.length === 0) return;
    this.#looksWithoutAnswer += 1;
    if (this.#looksWithoutAnswer >= LOOKS_WITHOUT_ANSWER) {
      this.#looksWithoutAnswer = 0;
      this.#width = Math.min(this.#width * 2, this.#widthMax);
      this.#admit();
    }
    this.#lookLater();
  }
}
