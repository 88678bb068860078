import type { LogRecord, ReadBatch } from '../../log/event-log.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ThreadLoad } from '../../platform/thread-load.ts';

/** A thread that is busier than this makes live events wait for what is caught up with. */
const BUSY = 0.85;
/** How often the load is looked at. Shorter looks see single turns of the event loop. */
const LOOK_EVERY_MS = 100;
/** Events a second that all who catch up get together, however busy the thread is: they have to arrive one day. */
const RATE_MIN = 2_000;
/** More than a thread can deliver. */
const RATE_MAX = 50_000;
/** What a look makes of the rate. Slower up than down: what is taken too soon, live events pay for. */
const UP = 1.1;
const DOWN = 0.7;
/** So many events are taken in one go: they hold up live ones for a few milliseconds. */
const PIECE = 100;

/**
 * Lets lanes catch up as fast as the thread has time to spare: a destination that is back after an outage must not cost
 * the others what the outage itself did not.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #load: ThreadLoad;
  /** Events a second. */
  #rate = RATE_MIN;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** When the next ones may go. */
  #freeAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, load: ThreadLoad) {
    this.#clock = clock;
    this.#load = load;
  }

  /** Resolves when so many more events may be taken, or `signal` says that nobody wants them any more. */
  async turn(events: number, signal: AbortSignal): Promise<void> {
    const now = this.#clock.monotonic();
    if (now >= this.#lookedAt + LOOK_EVERY_MS) this.#look(now);
    const at = Math.max(now, this.#freeAt);
    this.#freeAt = at + (events / this.#rate) * 1_000;
    for (let left = at - now; left > 0 && !signal.aborted; left = at - this.#clock.monotonic())
      await this.#passed(Math.min(left, LOOK_EVERY_MS));
  }

  #look(now: number): void {
    // What lies further back than one look was the load of a time in which nobody was held back.
    const isStale = now > this.#lookedAt + 2 * LOOK_EVERY_MS;
    const factor = this.#load() > BUSY ? DOWN : UP;
    this.#rate = isStale ? RATE_MIN : Math.min(RATE_MAX, Math.max(RATE_MIN, this.#rate * factor));
    this.#lookedAt = now;
  }

  #passed(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }
}

/** A batch in pieces that each hold up others for a short while only. */
export function* piecesOf({ records, next }: ReadBatch): Iterable<ReadBatch> {
  for (let at = 0; at === 0 || at < records.length; at += PIECE) {
    const following: LogRecord | undefined = records[at + PIECE];
    yield { records: records.slice(at, at + PIECE), next: following?.position ?? next };
  }
}
