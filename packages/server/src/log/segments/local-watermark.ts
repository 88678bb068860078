import type { Watermark } from './watermark.ts';

/** A watermark for a writer and readers on one thread. It uses no timer, so that a run on a made clock repeats. */
export class LocalWatermark implements Watermark {
  #head = 0;
  #first = 0;
  #newest = 0;
  #moved = Promise.withResolvers<void>();

  get head(): number {
    return this.#head;
  }

  get first(): number {
    return this.#first;
  }

  get newest(): number {
    return this.#newest;
  }

  advance(head: number): void {
    this.#head = head;
    this.#moved.resolve();
    this.#moved = Promise.withResolvers<void>();
  }

  keepFrom(first: number): void {
    this.#first = first;
  }

  openedAt(base: number): void {
    this.#newest = base;
  }

  moved(head: number): Promise<void> {
    return this.#head === head ? this.#moved.promise : Promise.resolve();
  }
}
