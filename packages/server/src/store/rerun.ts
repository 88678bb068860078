/**
 * Work that brings something up to date: never twice at the same time, and however often it is asked for while it runs, it
 * runs once more.
 */
export class Rerun {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves, or rejects as the work does, when a run that began after this call has ended. */
  ask(): Promise<void> {
    if (this.#running === undefined) return this.#run();
    this.#next ??= this.#running.then(
      () => this.#run(),
      () => this.#run(),
    );
    return this.#next;
  }

  /** Resolves when nothing runs, and nothing is to run once more. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await (this.#next ?? this.#running).catch(() => {});
  }

  #run(): Promise<void> {
    this.#next = undefined;
    const running = this.#work().finally(() => {
      if (this.#next === undefined) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
