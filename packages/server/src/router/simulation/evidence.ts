import type { Arrival } from './simulated-receivers.ts';

/** What the senders were told, by pipeline and event. */
export class Evidence {
  readonly #urls = new Map<string, Set<string>>();

  /** Of those requests that count: all, unless told otherwise. */
  constructor(arrivals: readonly Arrival[], counts: (arrival: Arrival) => boolean = () => true) {
    for (const arrival of arrivals) {
      if (arrival.outcome?.kind !== 'delivered' || !counts(arrival)) continue;
      for (const number of arrival.numbers) {
        const key = `${arrival.pipeline} ${number}`;
        const urls = this.#urls.get(key) ?? new Set();
        this.#urls.set(key, urls.add(arrival.url));
      }
    }
  }

  /** At how many URLs a pipeline's receivers have answered with success. */
  delivered(pipeline: string | undefined, number: number | undefined): number {
    return this.#urls.get(`${pipeline} ${number}`)?.size ?? 0;
  }
}
