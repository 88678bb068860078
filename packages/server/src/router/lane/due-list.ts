import type { Clock } from '../../platform/clock.ts';

interface Due<T> {
  readonly at: number;
  readonly value: T;
}

/** Gives back what is put in when it falls due, with one timer however much waits. */
export class DueList<T> {
  readonly #clock: Clock;
  readonly #onDue: (values: readonly T[]) => void;
  /** A binary heap: each is due no later than the two that follow it at twice its place. */
  #heap: Due<T>[] = [];
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, onDue: (values: readonly T[]) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  add(value: T, delayMs: number): void {
    const at = this.#clock.monotonic() + delayMs;
    const isFirst = at < (this.#heap[0]?.at ?? Number.POSITIVE_INFINITY);
    this.#rise({ at, value });
    if (isFirst) this.#arm();
  }

  /** Takes out what is due first, although it may not be due yet. */
  takeFirst(): T | undefined {
    const first = this.#take();
    this.#arm();
    return first?.value;
  }

  /** Takes out everything, what is due first at the front. */
  takeAll(): readonly T[] {
    const all = this.#heap.toSorted((one, other) => one.at - other.at);
    this.#heap = [];
    this.stop();
    return all.map(({ value }) => value);
  }

  /** All that is in here, in no order. */
  all(): readonly T[] {
    return this.#heap.map(({ value }) => value);
  }

  /** When it is due, in milliseconds from now; undefined when it is not in here. For people: it looks through all. */
  dueIn(value: T): number | undefined {
    const due = this.#heap.find((entry) => entry.value === value);
    return due === undefined ? undefined : Math.max(0, due.at - this.#clock.monotonic());
  }

  /** Nothing falls due any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    this.stop();
    const [first] = this.#heap;
    if (first === undefined) return;
    this.#cancel = this.#clock.after(Math.max(0, first.at - this.#clock.monotonic()), () => this.#ring());
  }

  #ring(): void {
    const now = this.#clock.monotonic();
    const due: T[] = [];
    for (let [first] = this.#heap; first !== undefined && first.at <= now; [first] = this.#heap) {
      due.push(first.value);
      this.#take();
    }
    this.#arm();
    if (due.length > 0) this.#onDue(due);
  }

  #rise(entry: Due<T>): void {
    let place = this.#heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || parent.at <= entry.at) break;
      this.#heap[place] = parent;
      place = above;
    }
    this.#heap[place] = entry;
  }

  #take(): Due<T> | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || this.#heap.length === 0) return first;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const [one, other] = [this.#heap[left], this.#heap[left + 1]];
      const isOther = other !== undefined && one !== undefined && other.at < one.at;
      const least = isOther ? other : one;
      if (least === undefined || least.at >= last.at) break;
      this.#heap[place] = least;
      place = isOther ? left + 1 : left;
    }
    this.#heap[place] = last;
    return first;
  }
}
