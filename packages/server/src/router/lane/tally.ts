/** What became of an event in the end. There is no fourth fate; a repeat is no event. */
export type Fate =
  | 'delivered'
  /** By which rule. */
  | { readonly rule: string }
  /** How many: more than one only where records were lost. */
  | { readonly dead: number }
  | 'repeat';

/** Counts what became of events. */
export class Tally {
  delivered: number;
  dead: number;
  repeats: number;
  readonly #filtered: Map<string, number>;

  constructor(start: {
    readonly delivered: number;
    readonly filtered: ReadonlyMap<string, number>;
    readonly dead: number;
    readonly repeats: number;
  }) {
    this.delivered = start.delivered;
    this.dead = start.dead;
    this.repeats = start.repeats;
    this.#filtered = new Map(start.filtered);
  }

  add(fate: Fate): void {
    if (fate === 'delivered') this.delivered += 1;
    else if (fate === 'repeat') this.repeats += 1;
    else if ('dead' in fate) this.dead += fate.dead;
    else this.#filtered.set(fate.rule, (this.#filtered.get(fate.rule) ?? 0) + 1);
  }

  /** By rule, as it stands. */
  get filtered(): ReadonlyMap<string, number> {
    return new Map(this.#filtered);
  }
}
