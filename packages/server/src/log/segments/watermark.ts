const HEAD = 0;
const FIRST = 1;
const NEWEST = 2;
const WORDS = 3;
/** A backstop only: a wake-up is never missed, but a bug that missed one would cost a second and not for ever. */
const WAIT_MS_MAX = 1000;

/** How far the log is durable, and which of it there is. Moved by the writer alone, read by all who read the log. */
export interface Watermark {
  /** The position that the next record gets; all before it are durable. */
  readonly head: number;
  /** The first position that is still kept. */
  readonly first: number;
  /** The base of the newest segment; all older ones are closed. Told before the head moves into it. */
  readonly newest: number;
  advance(head: number): void;
  keepFrom(first: number): void;
  openedAt(base: number): void;
  /** Resolves when the head is no longer `head`, or now and then without reason. */
  moved(head: number): Promise<void>;
}

/** A watermark in memory that all threads share. */
export class SharedWatermark implements Watermark {
  readonly shared: SharedArrayBuffer;
  readonly #words: BigInt64Array;

  constructor(shared = new SharedArrayBuffer(WORDS * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#words = new BigInt64Array(shared);
  }

  get head(): number {
    return Number(Atomics.load(this.#words, HEAD));
  }

  get first(): number {
    return Number(Atomics.load(this.#words, FIRST));
  }

  get newest(): number {
    return Number(Atomics.load(this.#words, NEWEST));
  }

  advance(head: number): void {
    Atomics.store(this.#words, HEAD, BigInt(head));
    Atomics.notify(this.#words, HEAD);
  }

  keepFrom(first: number): void {
    Atomics.store(this.#words, FIRST, BigInt(first));
  }

  openedAt(base: number): void {
    Atomics.store(this.#words, NEWEST, BigInt(base));
  }

  async moved(head: number): Promise<void> {
    await Atomics.waitAsync(this.#words, HEAD, BigInt(head), WAIT_MS_MAX).value;
  }
}
