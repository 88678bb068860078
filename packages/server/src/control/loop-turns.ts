/**
 * Turns of the event loop, one for each who asks, in the order of asking. An operation takes the thread for a
 * millisecond, in one piece: many that came at once would together hold up the events that arrive meanwhile.
 */
export class LoopTurns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves in a turn that nobody else here has. What arrived before is taken in between two turns. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(() => this.#hand());
    });
  }

  #hand(): void {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(() => this.#hand());
  }
}
