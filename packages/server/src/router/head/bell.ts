import type { Clock } from '../../platform/clock.ts';

/** Wakes the one who waits at it. */
export class Bell {
  readonly #clock: Clock;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Resolves when the bell rings next, or after so many milliseconds. */
  heard(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = Number.isFinite(withinMs) ? this.#clock.after(withinMs, resolve) : undefined;
      this.#wake = () => {
        cancel?.();
        resolve();
      };
    });
  }
}
