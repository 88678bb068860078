import type { Clock } from '../platform/clock.ts';

/**
 * A look-up of a host name cannot be called off: it holds a thread until the system gives up on it. Node is started
 * with 64 threads, of which at most half ever look up names. What began beyond that would only wait inside Node, where
 * nothing tells a name that answers at once from one that never will.
 */
const PLACES = 32;
/** Look-ups of names that are not known to be slow. Some places stay free for the moment when all of these turn out so. */
const QUICK_MAX = 16;
/** Look-ups of names whose last one was slow. */
const SLOW_MAX = 8;
/** A look-up that takes longer is slow: far above what any resolver needs, far below what anyone waits for. */
const SLOW_AFTER_MS = 1_000;
/** Names of each kind that may wait for a place: all receivers of a large installation after a start. */
const WAITING_MAX = 4_000;
/** A name waits no longer for its place: then nobody is there any more who wanted it. */
const WAIT_MAX_MS = 5_000;

/** Why a name was not looked up, or not in time, in words that complete "not sent: …". */
export class LookupGivenUp extends Error {
  override readonly name = 'LookupGivenUp';
}

/** What is looked up. */
export interface Subject {
  /** Whether its look-up takes long at this moment or, when none is under way, did so last time. Kept up to date. */
  slow: boolean;
}

interface Turn {
  readonly subject: Subject;
  /** Resolves when the look-up has ended, one way or the other. */
  readonly begin: () => Promise<void>;
  readonly giveUp: (error: LookupGivenUp) => void;
  readonly cancelExpiry: () => void;
}

interface Line {
  readonly underWayMax: number;
  underWay: number;
  /** The newest is last. */
  readonly waiting: Turn[];
}

/**
 * The places for look-ups. Slow names share few of them, so that names which never answer leave the others alone.
 * Whoever came last is first: those before it may have stopped waiting, and behind a hundred new names that all hang
 * it would never have its turn in time.
 */
export class LookupPlaces {
  readonly #clock: Clock;
  readonly #quick: Line = { underWayMax: QUICK_MAX, underWay: 0, waiting: [] };
  readonly #slow: Line = { underWayMax: SLOW_MAX, underWay: 0, waiting: [] };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Looks up as soon as there is a place. Rejects as `lookup` does, or with LookupGivenUp when there is none in time. */
  run<T>(subject: Subject, lookup: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const { waiting } = subject.slow ? this.#slow : this.#quick;
    const begin = () => lookup().then(resolve, reject);
    const cancelExpiry = this.#clock.after(WAIT_MAX_MS, () => giveUp(waiting, waiting.indexOf(turn)));
    const turn: Turn = { subject, begin, giveUp: reject, cancelExpiry };
    waiting.push(turn);
    this.#beginWaiting();
    if (waiting.length > WAITING_MAX) giveUp(waiting, 0);
    return promise;
  }

  #beginWaiting(): void {
    for (const line of [this.#quick, this.#slow]) {
      // Look-ups that turned out slow count as such, and may be more than those that may begin.
      while (line.underWay < line.underWayMax && this.#underWay < PLACES) {
        const turn = line.waiting.pop();
        if (turn === undefined) break;
        this.#begin(turn, line);
      }
    }
  }

  get #underWay(): number {
    return this.#quick.underWay + this.#slow.underWay;
  }

  #begin({ subject, begin, cancelExpiry }: Turn, from: Line): void {
    cancelExpiry();
    let line = from;
    let slow = false;
    line.underWay += 1;
    const cancel = this.#clock.after(SLOW_AFTER_MS, () => {
      slow = true;
      subject.slow = true;
      line.underWay -= 1;
      line = this.#slow;
      line.underWay += 1;
      this.#beginWaiting();
    });
    void begin().then(() => {
      cancel();
      subject.slow = slow;
      line.underWay -= 1;
      this.#beginWaiting();
    });
  }
}

function giveUp(waiting: Turn[], place: number): void {
  for (const turn of waiting.splice(place, 1)) {
    turn.cancelExpiry();
    turn.giveUp(new LookupGivenUp('too many other host names are being looked up'));
  }
}
