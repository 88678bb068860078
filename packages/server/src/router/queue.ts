/** Below this many taken entries it is not worth moving the others. */
const COMPACT_AT = 1_024;

/** First in, first out, with both ends in constant time: `Array.shift` moves every entry that is left. */
export class Queue<T> {
  #entries: T[] = [];
  #taken = 0;

  get size(): number {
    return this.#entries.length - this.#taken;
  }

  push(entry: T): void {
    this.#entries.push(entry);
  }

  /** The oldest entry, which stays. */
  peek(): T | undefined {
    return this.#entries[this.#taken];
  }

  /** Takes the oldest entry out. */
  shift(): T | undefined {
    const entry = this.#entries[this.#taken];
    if (entry === undefined) return undefined;
    this.#taken += 1;
    // Half of the array is spent: moving the rest costs no more than what was taken.
    if (this.#taken >= COMPACT_AT && this.#taken * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#taken);
      this.#taken = 0;
    }
    return entry;
  }
}
