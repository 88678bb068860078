import type { Clock } from '../platform/clock.ts';
import type { Exchange } from './exchange.ts';
import type { Outcome } from './outcome.ts';

/** An attempt, from the wish to send to the last byte of the answer, takes at most this long. */
const ATTEMPT_TIMEOUT_MS = 15_000;

const TOO_LATE: Outcome = {
  kind: 'retry',
  reason: `no complete answer within ${ATTEMPT_TIMEOUT_MS / 1_000} s`,
};
const BROKEN_OFF: Outcome = { kind: 'retry', reason: 'broken off: the pipeline stops or changes' };

/**
 * The exchanges of one channel that are not over, those that wait for their turn included. All have the same time, so
 * that they fall due in the order in which they began, and one timer looks after all of them.
 */
export class UnderWay {
  readonly #clock: Clock;
  /** When each falls due, on the clock that only grows. The first falls due first. */
  readonly #dueAt = new Map<Exchange, number>();
  #cancelLook: (() => void) | undefined;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on its time runs; where the channel is closed, it settles at once. */
  begin(exchange: Exchange): void {
    if (this.#isClosed) return exchange.settle(BROKEN_OFF);
    this.#dueAt.set(exchange, this.#clock.monotonic() + ATTEMPT_TIMEOUT_MS);
    if (this.#cancelLook === undefined) this.#lookIn(ATTEMPT_TIMEOUT_MS);
  }

  /** It has settled. */
  end(exchange: Exchange): void {
    this.#dueAt.delete(exchange);
  }

  /** Breaks off all of them, and from now on whatever begins. */
  close(): void {
    this.#isClosed = true;
    this.#cancelLook?.();
    breakOff([...this.#dueAt.keys()], BROKEN_OFF);
  }

  #lookIn(delayMs: number): void {
    this.#cancelLook = this.#clock.after(delayMs, () => this.#look());
  }

  #look(): void {
    this.#cancelLook = undefined;
    const now = this.#clock.monotonic();
    const due: Exchange[] = [];
    for (const [exchange, dueAt] of this.#dueAt) {
      if (dueAt > now) {
        this.#lookIn(dueAt - now);
        break;
      }
      due.push(exchange);
    }
    breakOff(due, TOO_LATE);
  }
}

/** All of them settle before the first connection is closed, or those that wait would go out in place of the others. */
function breakOff(exchanges: readonly Exchange[], outcome: Outcome): void {
  for (const exchange of exchanges) exchange.settle(outcome);
  for (const { carrier } of exchanges) carrier?.close();
}
