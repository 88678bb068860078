import { setImmediate } from 'node:timers/promises';

/**
 * Work that goes on after the answer: what is done for a known address and not for an unknown one must not show in how
 * long the answer takes.
 */
export class Background {
  readonly #onBug: (error: unknown) => void;
  readonly #running = new Set<Promise<void>>();

  constructor(onBug: (error: unknown) => void) {
    this.#onBug = onBug;
  }

  /** Begins it when what runs now is done, the answer among it: the first write to SQLite stops everything else. */
  run(work: () => Promise<void>): void {
    const running = setImmediate()
      .then(work)
      .catch(this.#onBug)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when all that was begun is done. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
