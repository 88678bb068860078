import type { Clock } from './clock.ts';

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** A clock for tests: time passes only when it is told to. */
export class VirtualClock implements Clock {
  #elapsed = 0;
  readonly #start: number;
  readonly #timers = new Set<Timer>();

  /** Starts at this moment, in milliseconds since 1970. */
  constructor(start = 1_772_355_600_000) {
    this.#start = start;
  }

  now(): number {
    return this.#start + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#elapsed + Math.max(delayMs, 0), task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass: every timer that falls due runs at its own moment, and what it set off is finished before the next. */
  async pass(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await turn();
    for (let timer = this.#nextUntil(end); timer !== undefined; timer = this.#nextUntil(end)) {
      this.#timers.delete(timer);
      this.#elapsed = timer.at;
      timer.task();
      await turn();
    }
    this.#elapsed = end;
  }

  /** How many timers are waiting. */
  get waiting(): number {
    return this.#timers.size;
  }

  #nextUntil(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    }
    return next;
  }
}

/** Resolves when everything that could run without time passing has run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
