import type { LogRecord, Position } from '../../log/event-log.ts';
import type { Repeats } from '../repeats/repeats.ts';
import type { DeliveryState, HeadCommit, Repeat } from '../state/delivery-state.ts';

/**
 * Which records of one partition repeat earlier ones: decided once, in log order, and remembered, so that all lanes
 * agree whenever they come to a record.
 */
export class Verdicts {
  readonly #partition: number;
  readonly #state: DeliveryState;
  readonly #repeats: Repeats;
  /** All before it is decided. */
  #decided: Position;
  #committed: Position | undefined;
  /** Found since the last commit. */
  #fresh: Repeat[] = [];
  readonly #counts: Map<string, number>;

  /** `start` is where deciding begins that never began. */
  constructor(partition: number, state: DeliveryState, repeats: Repeats, start: Position) {
    this.#partition = partition;
    this.#state = state;
    this.#repeats = repeats;
    this.#committed = state.head(partition);
    this.#decided = this.#committed ?? start;
    this.#counts = state.repeatCounts(partition);
  }

  /** All records before this position are decided. */
  get decided(): Position {
    return this.#decided;
  }

  /** How many repeats each source has had. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Decides these records, all that the log has up to `next`; those that are decided already keep their verdict. */
  decide(records: readonly LogRecord[], next: Position): void {
    for (const { position, source, messageId, receivedAt } of records) {
      if (position < this.#decided || !this.#repeats.isRepeat(source, messageId, receivedAt)) continue;
      this.#fresh.push({ position, source });
      this.#counts.set(source, (this.#counts.get(source) ?? 0) + 1);
    }
    this.#decided = Math.max(this.#decided, next);
  }

  /** The positions of repeats from one position on and before another, both decided. */
  between(from: Position, to: Position): ReadonlySet<Position> {
    const found = new Set<Position>();
    for (const { position } of this.#fresh) if (position >= from && position < to) found.add(position);
    if (from < (this.#committed ?? 0))
      for (const position of this.#state.repeatsBetween(this.#partition, from, to)) found.add(position);
    return found;
  }

  /** How many repeats of a source are known from one position on and before another. */
  count(source: string, from: Position, to: Position): number {
    if (from >= this.#decided || !this.#counts.has(source)) return 0;
    const isMeant = (repeat: Repeat) =>
      repeat.source === source && repeat.position >= from && repeat.position < to;
    return this.#fresh.filter(isMeant).length + this.#state.countRepeats(this.#partition, source, from, to);
  }

  /** What there is to commit, or undefined. A position that only moved counts when asked for. */
  step(evenPositionOnly: boolean): HeadCommit | undefined {
    const keys = this.#repeats.step();
    const moved = evenPositionOnly && this.#decided !== this.#committed;
    if (keys === undefined && this.#fresh.length === 0 && !moved) return undefined;
    const counts = new Map(this.#fresh.map(({ source }) => [source, this.#counts.get(source) ?? 0]));
    return { partition: this.#partition, position: this.#decided, repeats: this.#fresh, counts, keys };
  }

  /** The last step is durable. */
  committed(): void {
    this.#repeats.committed();
    this.#committed = this.#decided;
    this.#fresh = [];
  }

  close(): void {
    this.#repeats.close();
  }
}
