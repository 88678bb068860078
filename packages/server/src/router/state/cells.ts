import { hourOf } from '../../activity/hours.ts';

/** What events are, where they are counted; `unknown` where that was lost with the event, or is no event's. */
const TYPES = ['unknown', 'identify', 'track', 'page', 'screen', 'group', 'alias', 'custom'] as const;
type CountedType = (typeof TYPES)[number];

/** What is counted of a source, the first two, and of each of its pipelines, the others. */
const OUTCOMES = ['accepted', 'duplicate', 'delivered', 'filtered', 'dead'] as const;
type CountedOutcome = (typeof OUTCOMES)[number];

/** An hour and a type as one number, so that counting an event makes no object. */
export type Slot = number;

/** How many events of one type, received in one hour, have had one outcome. */
export interface Cell {
  /** Hours since 1970, UTC. */
  readonly hour: number;
  readonly type: CountedType;
  readonly outcome: CountedOutcome;
  /** Below zero where dead letters got another outcome. */
  readonly count: number;
}

const TYPE_NUMBERS: ReadonlyMap<unknown, number> = new Map(TYPES.map((type, number) => [type, number]));
const OUTCOME_NUMBERS: ReadonlyMap<CountedOutcome, number> = new Map(
  OUTCOMES.map((outcome, number) => [outcome, number]),
);
/** As many as there may ever be, so that a cell's number is small. */
const TYPES_MAX = 8;
const OUTCOMES_MAX = 8;

/** Where an event is counted that was received at this time; any other type than the seven is unknown. */
export function slotOf(receivedAt: number, type: string | undefined): Slot {
  return hourOf(receivedAt) * TYPES_MAX + (TYPE_NUMBERS.get(type) ?? 0);
}

/** As what events of a type are counted; any other than the seven is unknown. */
export function countedType(type: string | undefined): CountedType {
  return TYPES.find((known) => known === type) ?? 'unknown';
}

/** Counts events by hour, type and outcome. */
export class Cells {
  readonly #counts = new Map<number, number>();

  add(slot: Slot, outcome: CountedOutcome, count = 1): void {
    const key = slot * OUTCOMES_MAX + (OUTCOME_NUMBERS.get(outcome) ?? 0);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  /** Those that are not zero. */
  all(): Cell[] {
    const cells: Cell[] = [];
    for (const [key, count] of this.#counts) {
      const slot = Math.floor(key / OUTCOMES_MAX);
      const type = TYPES[slot % TYPES_MAX];
      const outcome = OUTCOMES[key % OUTCOMES_MAX];
      if (type === undefined || outcome === undefined || count === 0) continue;
      cells.push({ hour: Math.floor(slot / TYPES_MAX), type, outcome, count });
    }
    return cells;
  }

  copy(): Cells {
    const copy = new Cells();
    for (const [key, count] of this.#counts) copy.#counts.set(key, count);
    return copy;
  }

  clear(): void {
    this.#counts.clear();
  }
}
