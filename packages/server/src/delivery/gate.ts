import type { Clock } from '../platform/clock.ts';

/** Requests that go out together to a receiver about which nothing is known: most answer before more would help. */
const WIDTH_MIN = 8;
/** While requests wait, it is looked so often whether more should go. */
const LOOK_EVERY_MS = 10;
/** So many looks without an answer mean that answers take long. One is not enough: it may be we who are busy. */
const LOOKS_WITHOUT_ANSWER = 2;
/** After a pause of this length a receiver counts as unknown again. By then its connections are closed. */
const KNOWN_MS = 30_000;

/** What goes through a gate. */
export interface Entrant {
  /** Whether nobody waits for it any more, so that it need not go at all. */
  readonly isOver: boolean;
}

/**
 * Lets no more requests go out to one receiver at the same time than it takes to keep up with them: each has a connection
 * of its own, and a burst of a hundred events for a quick receiver needs few of them. Where answers take long, or do not
 * come, it widens within a tenth of a second.
 */
export class Gate<E extends Entrant> {
  readonly #clock: Clock;
  readonly #widthMax: number;
  readonly #go: (entrant: E) => void;
  readonly #waiting: E[] = [];
  #width: number;
  #underWay = 0;
  #isToLook = false;
  #looksWithoutAnswer = 0;
  #lastLeftAt = Number.NEGATIVE_INFINITY;

  /** `go` is called with each that enters, as soon as there is a place, which is given back by `leave`. */
  constructor(clock: Clock, widthMax: number, go: (entrant: E) => void) {
    this.#clock = clock;
    this.#widthMax = widthMax;
    this.#go = go;
    this.#width = Math.min(WIDTH_MIN, widthMax);
  }

  /** Lets it go now, or when those before it have gone. */
  enter(entrant: E): void {
    const isUnknown = this.#underWay === 0 && this.#clock.monotonic() - this.#lastLeftAt > KNOWN_MS;
    if (isUnknown) this.#width = Math.min(WIDTH_MIN, this.#widthMax);
    this.#waiting.push(entrant);
    this.#admit();
    if (this.#waiting.length > 0) this.#lookLater();
  }

  /** One that went is over. Its place is taken at once. */
  leave(): void {
    this.#underWay -= 1;
    this.#looksWithoutAnswer = 0;
    this.#lastLeftAt = this.#clock.monotonic();
    this.#admit();
  }

  #admit(): void {
    while (this.#underWay < this.#width) {
      const entrant = this.#waiting.shift();
      if (entrant === undefined) return;
      if (entrant.isOver) continue;
      this.#underWay += 1;
      this.#go(entrant);
    }
  }

  #lookLater(): void {
    if (this.#isToLook || this.#width >= this.#widthMax) return;
    this.#isToLook = true;
    this.#clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  #look(): void {
    this.#isToLook = false;
    if (this.#waiting.length === 0) return;
    this.#looksWithoutAnswer += 1;
    if (this.#looksWithoutAnswer >= LOOKS_WITHOUT_ANSWER) {
      this.#looksWithoutAnswer = 0;
      this.#width = Math.min(this.#width * 2, this.#widthMax);
      this.#admit();
    }
    if (this.#waiting.length > 0) this.#lookLater();
  }
}
