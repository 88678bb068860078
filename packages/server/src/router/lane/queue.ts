/** Below this many taken entries it is not worth moving the others. */
const COMPACT_AT = 1_024;

/** First in, first out, with both ends in constant time: `Array.shift` moves every entry that is left. */
export class Queue<T> {
  /** Slots whose entry was taken are empty, so that the queue keeps nothing alive that has left it. */
  #slots: (T | undefined)[] = [];
  #taken = 0;

  get size(): number {
    return this.#slots.length - this.#taken;
  }

  push(entry: T): void {
    this.#slots.push(entry);
  }

  /** The oldest entry, which stays. */
  peek(): T | undefined {
    return this.#slots[this.#taken];
  }

  /** Takes the oldest entry out. */
  shift(): T | undefined {
    const entry = this.#slots[this.#taken];
    if (entry === undefined) return undefined;
    this.#slots[this.#taken] = undefined;
    this.#taken += 1;
    if (this.size === 0) this.#restart([]);
    // Half of the array is spent: moving the rest costs no more than what was taken.
    else if (this.#taken >= COMPACT_AT && this.#taken * 2 >= this.#slots.length)
      this.#restart(this.#slots.slice(this.#taken));
    return entry;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let at = this.#taken; at < this.#slots.length; at += 1) {
      const entry = this.#slots[at];
      if (entry !== undefined) yield entry;
    }
  }

  #restart(slots: (T | undefined)[]): void {
    this.#slots = slots;
    this.#taken = 0;
  }
}
