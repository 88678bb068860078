/** Room for one position. */
const BYTES = Float64Array.BYTES_PER_ELEMENT;

/**
 * Which event is being looked at right now, in memory that two threads share: when the lane thread dies, the main thread
 * knows by which event. Written twice for each event, so it costs next to nothing.
 */
export class Planning {
  readonly shared: SharedArrayBuffer;
  /** The position, counted from 1; 0 for none. */
  readonly #at: Float64Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
    this.shared = shared;
    this.#at = new Float64Array(shared);
  }

  /** Looks at the event at this position. */
  run<T>(position: number, look: () => T): T {
    this.#at[0] = position + 1;
    const seen = look();
    this.#at[0] = 0;
    return seen;
  }

  /** The position of the event that is being looked at; undefined when there is none. Forgets it. */
  take(): number | undefined {
    const [at = 0] = this.#at;
    this.#at[0] = 0;
    return at === 0 ? undefined : at - 1;
  }
}
