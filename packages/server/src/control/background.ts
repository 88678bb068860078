import { setImmediate } from 'node:timers/promises';
import { DatabaseUnavailable } from '../store/database-unavailable.ts';

/**
 * Work that goes on after the answer: what is done for a known address and not for an unknown one must not show in how
 * long the answer takes.
 */
export class Background {
  readonly #onBug: (error: unknown) => void;
  readonly #onUnavailable: (error: DatabaseUnavailable) => void;
  readonly #running = new Set<Promise<void>>();

  /** `onUnavailable` is told of work that was not done because the database could not be worked with. */
  constructor(onBug: (error: unknown) => void, onUnavailable: (error: DatabaseUnavailable) => void) {
    this.#onBug = onBug;
    this.#onUnavailable = onUnavailable;
  }

  /** Begins it when what runs now is done, the answer among it: the first write to SQLite stops everything else. */
  run(work: () => Promise<void>): void {
    const running = setImmediate()
      .then(work)
      .catch((error: unknown) =>
        error instanceof DatabaseUnavailable ? this.#onUnavailable(error) : this.#onBug(error),
      )
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when all that was begun is done. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
