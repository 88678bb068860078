/** Once full, there is room again below this part: what waits for room is then worth being woken. */
const ROOM_AGAIN_BELOW = 7 / 8;

/** How much of a limit is used. It becomes full at the limit, and stops being so only well below it. */
export class Level {
  readonly #limit: () => number;
  #used = 0;
  #isFull = false;

  /** `limit` is asked each time, since it may change. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  get used(): number {
    return this.#used;
  }

  /** Uses more; less when `amount` is below zero. */
  add(amount: number): void {
    this.#used += amount;
    const limit = this.#limit();
    if (this.#used >= limit) this.#isFull = true;
    else if (this.#used < limit * ROOM_AGAIN_BELOW) this.#isFull = false;
  }
}
