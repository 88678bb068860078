/** Numbers that a test sends to whoever listens. */
export class Ticker {
  readonly #listeners = new Set<Listener>();

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** How many numbers wait for the listener who is furthest behind. */
  get unread(): number {
    return Math.max(0, ...[...this.#listeners].map(({ unread }) => unread));
  }

  /** Sends a number, or has the listeners' streams fail. */
  send(tick: number | Error): void {
    for (const listener of this.#listeners) listener.take(tick);
  }

  /** From now on, until the iteration is ended. */
  ticks(): AsyncIterableIterator<number> {
    const listener = new Listener(() => this.#listeners.delete(listener));
    this.#listeners.add(listener);
    return listener;
  }
}

class Listener implements AsyncIterableIterator<number> {
  readonly #waiting: PromiseWithResolvers<IteratorResult<number>>[] = [];
  readonly #ticks: (number | Error)[] = [];
  readonly #onEnd: () => void;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  get unread(): number {
    return this.#ticks.length;
  }

  take(tick: number | Error): void {
    this.#ticks.push(tick);
    this.#answer();
  }

  next(): Promise<IteratorResult<number>> {
    const waiting = Promise.withResolvers<IteratorResult<number>>();
    this.#waiting.push(waiting);
    this.#answer();
    return waiting.promise;
  }

  async return(): Promise<IteratorResult<number>> {
    this.#onEnd();
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<number> {
    return this;
  }

  #answer(): void {
    while (this.#waiting.length > 0 && this.#ticks.length > 0) {
      const [waiting, tick] = [this.#waiting.shift(), this.#ticks.shift()];
      if (tick instanceof Error) waiting?.reject(tick);
      else if (tick !== undefined) waiting?.resolve({ done: false, value: tick });
    }
  }
}
