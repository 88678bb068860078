import type { Clock } from './clock.ts';

interface Timer {
  readonly at: number;
  /** Of those due at the same moment, the one that was set first runs first. */
  readonly order: number;
  task: (() => void) | undefined;
}

/** A clock for tests: time passes only when it is told to. */
export class VirtualClock implements Clock {
  #elapsed = 0;
  #start: number;
  /** A binary heap; what was called off stays in it without a task until its turn. */
  #timers: Timer[] = [];
  #waiting = 0;
  #orders = 0;
  #hasStopped = false;

  /** Starts at this moment, in milliseconds since 1970. */
  constructor(start = 1_772_355_600_000) {
    this.#start = start;
  }

  now(): number {
    return Math.floor(this.#start + this.#elapsed);
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(delayMs: number, task: () => void): () => void {
    if (this.#hasStopped) return () => {};
    const timer: Timer = { at: this.#elapsed + Math.max(delayMs, 0), order: this.#orders, task };
    this.#orders += 1;
    this.#waiting += 1;
    this.#rise(timer);
    return () => {
      if (timer.task !== undefined) this.#waiting -= 1;
      timer.task = undefined;
    };
  }

  /** Lets time pass: every timer that falls due runs at its own moment, and what it set off is finished before the next. */
  async pass(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await turn();
    for (let timer = this.#takeUntil(end); timer !== undefined; timer = this.#takeUntil(end)) {
      const { task } = timer;
      if (task === undefined) continue;
      timer.task = undefined;
      this.#waiting -= 1;
      this.#elapsed = timer.at;
      task();
      await turn();
    }
    this.#elapsed = end;
  }

  /** Sets the time of day forward, or back below zero, as an operator does; durations take no notice. */
  setForward(ms: number): void {
    this.#start += ms;
  }

  /** Nothing falls due any more, as when the process is killed. */
  stop(): void {
    this.#hasStopped = true;
    this.#timers = [];
    this.#waiting = 0;
  }

  /** How many timers are waiting. */
  get waiting(): number {
    return this.#waiting;
  }

  #rise(timer: Timer): void {
    const timers = this.#timers;
    let place = timers.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = timers[above];
      if (parent === undefined || isBefore(parent, timer)) break;
      timers[place] = parent;
      place = above;
    }
    timers[place] = timer;
  }

  #takeUntil(end: number): Timer | undefined {
    const timers = this.#timers;
    const [first] = timers;
    if (first === undefined || first.at > end) return undefined;
    const last = timers.pop();
    if (last === undefined || last === first) return first;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const [one, other] = [timers[left], timers[left + 1]];
      const isOther = one !== undefined && other !== undefined && isBefore(other, one);
      const least = isOther ? other : one;
      if (least === undefined || isBefore(last, least)) break;
      timers[place] = least;
      place = isOther ? left + 1 : left;
    }
    timers[place] = last;
    return first;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** Resolves when everything that could run without time passing has run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
