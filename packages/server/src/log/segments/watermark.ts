const HEAD = 0;
const FIRST = 1;
/** A backstop only: a wake-up is never missed, but a bug that missed one would cost a second and not for ever. */
const WAIT_MS_MAX = 1000;

/** How far the log is durable, in memory that all threads share. Written by the writer thread alone. */
export class Watermark {
  readonly shared: SharedArrayBuffer;
  readonly #words: BigInt64Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.shared = shared;
    this.#words = new BigInt64Array(shared);
  }

  /** The position that the next record gets; all before it are durable. */
  get head(): number {
    return Number(Atomics.load(this.#words, HEAD));
  }

  /** The first position that is still kept. */
  get first(): number {
    return Number(Atomics.load(this.#words, FIRST));
  }

  advance(head: number): void {
    Atomics.store(this.#words, HEAD, BigInt(head));
    Atomics.notify(this.#words, HEAD);
  }

  keepFrom(first: number): void {
    Atomics.store(this.#words, FIRST, BigInt(first));
  }

  /** Resolves when the head is no longer `head`, or now and then without reason. */
  async moved(head: number): Promise<void> {
    await Atomics.waitAsync(this.#words, HEAD, BigInt(head), WAIT_MS_MAX).value;
  }
}
