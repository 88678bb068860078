import type { LogRecord, Position } from '../../log/event-log.ts';
import type { Repeats } from '../repeats/repeats.ts';
import { type Cell, Cells, slotOf } from '../state/cells.ts';
import { NONE_COUNTED } from '../state/counts.ts';
import type { DeliveryState, HeadCommit, Repeat } from '../state/delivery-state.ts';
import { typeIn } from './event-type.ts';

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
  /** Whether sources were ever wanted: before that nobody has counted anything. */
  #hasRun: boolean;
  /** Found since the last commit. */
  #fresh: Repeat[] = [];
  readonly #counts: Map<string, number>;
  /** By source: what came since the last commit. */
  readonly #cells = new Map<string, Cells>();
  /** Each wanted source's last sequence that is counted. */
  readonly #sequences: Map<string, number>;
  /** From where on those are counted that were not wanted before: what lies in front of it the door has counted. */
  readonly #countedFrom = new Map<string, Position>();
  /** Sources that are wanted, or not any more, since the last commit. */
  readonly #changed = new Set<string>();

  /** `start` is where deciding begins that never began. */
  constructor(partition: number, state: DeliveryState, repeats: Repeats, start: Position) {
    this.#partition = partition;
    this.#state = state;
    this.#repeats = repeats;
    this.#committed = state.head(partition);
    this.#hasRun = this.#committed !== undefined;
    this.#decided = this.#committed ?? start;
    this.#counts = state.repeatCounts(partition);
    this.#sequences = state.counts.sequences(partition);
  }

  /** All records before this position are decided. */
  get decided(): Position {
    return this.#decided;
  }

  /** How many repeats each source has had. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /**
   * Only these sources' records come from now on, where the log ends at `head`. What passes of others meanwhile is not
   * lost, and is counted by nobody here.
   */
  want(sources: ReadonlySet<string>, head: Position): void {
    for (const source of this.#sequences.keys()) {
      if (sources.has(source)) continue;
      this.#sequences.delete(source);
      this.#changed.add(source);
    }
    for (const source of sources) {
      if (this.#sequences.has(source)) continue;
      this.#sequences.set(source, NONE_COUNTED);
      this.#countedFrom.set(source, this.#hasRun ? head : this.#decided);
      this.#changed.add(source);
    }
    this.#hasRun = true;
  }

  /** Decides these records, all that the log has up to `next`; those that are decided already keep their verdict. */
  decide(records: readonly LogRecord[], next: Position): void {
    for (const record of records) {
      const { position, source, messageId, receivedAt } = record;
      if (position < this.#decided) continue;
      const isRepeat = this.#repeats.isRepeat(source, messageId, receivedAt);
      this.#count(record, isRepeat);
      if (!isRepeat) continue;
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

  /** What came from a source by hour since the last commit. */
  cells(source: string): readonly Cell[] {
    return this.#cells.get(source)?.all() ?? [];
  }

  /** What there is to commit, or undefined. A position that only moved counts when asked for. */
  step(evenPositionOnly: boolean): HeadCommit | undefined {
    const keys = this.#repeats.step();
    const moved = evenPositionOnly && this.#decided !== this.#committed;
    const isSame = this.#fresh.length === 0 && this.#changed.size === 0;
    if (keys === undefined && isSame && !moved) return undefined;
    const counts = new Map(this.#fresh.map(({ source }) => [source, this.#counts.get(source) ?? 0]));
    const sources = [...this.#cells.keys()];
    return {
      partition: this.#partition,
      position: this.#decided,
      repeats: this.#fresh,
      counts,
      keys,
      hours: sources.map((source) => ({ source, pipeline: '', cells: this.cells(source) })),
      sequences: new Map(
        [...this.#changed, ...sources].map((source) => [source, this.#sequences.get(source)]),
      ),
    };
  }

  /** The last step is durable. */
  committed(): void {
    this.#repeats.committed();
    this.#committed = this.#decided;
    this.#fresh = [];
    this.#cells.clear();
    this.#changed.clear();
  }

  close(): void {
    this.#repeats.close();
  }

  /** Those that the log has lost in front of a record were accepted too; what they were is not known any more. */
  #count({ position, source, sequence, receivedAt, bytes }: LogRecord, isRepeat: boolean): void {
    if (position < (this.#countedFrom.get(source) ?? 0)) return;
    const cells = this.#cells.get(source) ?? new Cells();
    this.#cells.set(source, cells);
    const last = this.#sequences.get(source) ?? NONE_COUNTED;
    const lost = last === NONE_COUNTED ? 0 : sequence - 1 - last;
    if (lost > 0) cells.add(slotOf(receivedAt, undefined), 'accepted', lost);
    this.#sequences.set(source, sequence);
    cells.add(slotOf(receivedAt, typeIn(bytes)), isRepeat ? 'duplicate' : 'accepted');
  }
}
