/**
 * A map of bounded size that forgets what was not set for longest. It keeps two generations: once the younger is half
 * of what may be kept, the older is dropped whole. A single map from which the first entry is deleted with each new one
 * would have to walk past all that were deleted before.
 */
export class ForgetfulMap<Value> {
  readonly #sizeMax: number;
  #younger = new Map<string, Value>();
  #older = new Map<string, Value>();

  /** Keeps the half of `sizeMax` that was set last, at least, and never more than `sizeMax`. */
  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get size(): number {
    return this.#younger.size + this.#older.size;
  }

  get(key: string): Value | undefined {
    return this.#younger.get(key) ?? this.#older.get(key);
  }

  set(key: string, value: Value): void {
    if (this.#younger.size >= this.#sizeMax / 2) this.age();
    this.#younger.set(key, value);
    this.#older.delete(key);
  }

  /** Forgets what was not set since this was called last. */
  age(): void {
    this.#older = this.#younger;
    this.#younger = new Map();
  }
}
