/** Once full, there is room again below this part: what waits for room is then worth being woken. */
const ROOM_AGAIN_BELOW = 7 / 8;

/** How much of a limit is used. It becomes full at the limit, and stops being so only well below it. */
export class Level {
  readonly #limit: number;
  #used = 0;
  #isFull = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Uses more; less when `amount` is below zero. */
  add(amount: number): void {
    this.#used += amount;
    if (this.#used >= this.#limit) this.#isFull = true;
    else if (this.#used < this.#limit * ROOM_AGAIN_BELOW) this.#isFull = false;
  }
}
