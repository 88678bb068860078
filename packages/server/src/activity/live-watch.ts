import type { LiveEvent } from './live-event.ts';

/** The most events that wait for one watcher. */
export const WAITING_EVENTS_MAX = 200;

/** The most characters of JSON that wait for one watcher: half a megabyte, or a whole one where they are no Latin letters. */
export const WAITING_CHARACTERS_MAX = 512 * 1024;

type Result = IteratorResult<LiveEvent, undefined>;

const END: Result = { done: true, value: undefined };

/** What one watcher is shown. Whatever cannot wait any more is counted as missed, the oldest first. */
export class LiveWatch implements AsyncIterableIterator<LiveEvent> {
  readonly #onEnd: () => void;
  readonly #waiting: LiveEvent[] = [];
  #characters = 0;
  #missed = 0;
  /** Asked for, and not answered yet. */
  readonly #asked: ((result: Result) => void)[] = [];
  #hasEnded = false;

  /** `onEnd` is called once, when nobody watches any more. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** Shows an event now, or when it is asked for. */
  give(event: LiveEvent): void {
    if (this.#hasEnded) return;
    if (event.kind === 'missed') this.#missed += event.count;
    else this.#wait(event);
    const ask = this.#asked[0];
    const next = ask === undefined ? undefined : this.#take();
    if (ask === undefined || next === undefined) return;
    this.#asked.shift();
    ask({ done: false, value: next });
  }

  next(): Promise<Result> {
    if (this.#hasEnded) return Promise.resolve(END);
    const value = this.#take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    return new Promise((resolve) => this.#asked.push(resolve));
  }

  return(): Promise<Result> {
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#waiting.length = 0;
      for (const ask of this.#asked.splice(0)) ask(END);
      this.#onEnd();
    }
    return Promise.resolve(END);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #wait(event: LiveEvent): void {
    this.#waiting.push(event);
    this.#characters += charactersOf(event);
    while (this.#waiting.length > WAITING_EVENTS_MAX || this.#characters > WAITING_CHARACTERS_MAX) {
      this.#drop();
      this.#missed += 1;
    }
  }

  #drop(): LiveEvent | undefined {
    const event = this.#waiting.shift();
    if (event !== undefined) this.#characters -= charactersOf(event);
    return event;
  }

  /** What was missed is older than all that waits. */
  #take(): LiveEvent | undefined {
    if (this.#missed === 0) return this.#drop();
    const count = this.#missed;
    this.#missed = 0;
    return { kind: 'missed', count };
  }
}

function charactersOf(event: LiveEvent): number {
  return event.kind === 'missed' ? 0 : event.text.length;
}
