/** The only door to time: everything else is handed a Clock, so that tests decide what time it is. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Milliseconds that only ever grow: for durations, never for dates. */
  monotonic(): number;
  /** Runs `task` once after `delayMs`; the returned function calls it off. */
  after(delayMs: number, task: () => void): () => void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A moment, in milliseconds since 1970, as the `Date` that libraries ask for and that can be written down. */
export function dateOf(ms: number): Date {
  return new Date(ms);
}

/** A source of random numbers in [0, 1): handed in, so that one seed reproduces a run. */
export type Random = () => number;

/** The machine's randomness. Not for secrets. */
export const systemRandom: Random = () => Math.random();
