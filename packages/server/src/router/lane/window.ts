import type { Position } from '../../log/event-log.ts';
import { type Cell, Cells, type Slot } from '../state/cells.ts';
import type { ExceptionRow, LaneProgress } from '../state/rows.ts';
import { Level } from './level.ts';
import { Queue } from './queue.ts';
import type { Share } from './room.ts';
import { type Fate, Tally } from './tally.ts';

/** Events after the committed position that a lane holds: what a crash may send a second time. */
export const WINDOW_MAX = 10_000;
/** So many settled events are not held up by one that is not: the position passes it, and a row remembers it. */
const PASS_AT = WINDOW_MAX / 2;
/** Events that a lane parks. Beyond them it takes no more until some are settled. */
export const PARKED_MAX = 10_000;
/** About what a held event takes in memory: its place, its ids and its row. Its content is read again when needed. */
const HELD_BYTES = 600;

/** An event's place in the window. */
export class Entry {
  readonly position: Position;
  readonly sequence: number;
  /** About how many bytes of memory it takes at present. */
  weight: number;
  /** Where it is counted. */
  slot: Slot;
  fate: Fate | undefined;
  /** The row that stands for it when it is held, or dead. */
  row: ExceptionRow | undefined;
  /** Whether the position has moved past it. */
  isPassed = false;

  constructor(position: Position, sequence: number, weight: number, slot: Slot) {
    this.position = position;
    this.sequence = sequence;
    this.weight = weight;
    this.slot = slot;
  }

  /** Whether it waits as a row, so that the position need not wait for it. */
  get isHeld(): boolean {
    return this.row !== undefined && this.fate === undefined;
  }
}

/** A step that can be made durable: the progress, and the rows that go with it. */
export interface Step {
  readonly progress: LaneProgress;
  readonly saved: readonly ExceptionRow[];
  readonly removed: readonly number[];
  /** What it adds to the counts by hour. */
  readonly cells: readonly Cell[];
}

/**
 * The events that a lane has taken and not yet committed, in log order. It alone decides how far the position may
 * move: up to the first event that is neither settled nor held as a row, never past it, whatever is settled behind.
 * Every count is kept where the thing happens; none is what is left over.
 */
export class Window {
  readonly #entries = new Queue<Entry>();
  readonly #share: Share;
  /** Holds the entry, which is neither settled nor held, as a row: too much is settled behind it. */
  readonly #onStuck: (entry: Entry) => void;
  /** The events after the committed position. */
  readonly #size = new Level(() => WINDOW_MAX);
  readonly #parked = new Level(() => PARKED_MAX);
  /** What a commit would write of counts: of all events before the position. */
  readonly #before: Tally;
  readonly #live: Tally;
  readonly #start: LaneProgress;
  #position: Position;
  #sequence: number;
  #heldBefore: number;
  #held: number;
  #unsettled = 0;
  /** Of the entries: settled or held. */
  #done = 0;
  #isFolding = false;
  #passAt = PASS_AT;
  #reached: Position;
  #lastSequence: number;
  /** Folded since the last commit. */
  #uncommitted = 0;
  #isChanged = false;
  #committedPosition: Position;
  readonly #saved = new Map<number, SavedRow>();
  readonly #removed = new Set<number>();
  /** What came of events before the position, since the last commit. */
  readonly #cells = new Cells();

  constructor(committed: LaneProgress, share: Share, onStuck: (entry: Entry) => void) {
    this.#share = share;
    this.#onStuck = onStuck;
    this.#start = committed;
    this.#before = new Tally(committed);
    this.#live = new Tally(committed);
    this.#position = committed.position;
    this.#committedPosition = committed.position;
    this.#sequence = committed.sequence;
    this.#heldBefore = committed.held;
    this.#held = committed.held;
    this.#reached = committed.position;
    this.#lastSequence = committed.sequence;
  }

  /** Whether more events may be taken. */
  get hasRoom(): boolean {
    return !this.#size.isFull && !this.#parked.isFull && !this.#share.isFull();
  }

  /** How many events are taken and neither settled nor held. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** How many wait as rows. */
  get held(): number {
    return this.#held;
  }

  /** The position up to which events were taken. */
  get reached(): Position {
    return this.#reached;
  }

  /** The source's last sequence that was taken. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** What came of all events so far, those after the position included. */
  get counts(): Readonly<Pick<Tally, 'delivered' | 'filtered' | 'dead' | 'repeats'>> {
    return this.#live;
  }

  /** What came of events by hour since the last commit, those after the position included. */
  cells(): readonly Cell[] {
    const cells = this.#cells.copy();
    for (const { slot, fate } of this.#entries) if (fate !== undefined) countFate(cells, slot, fate);
    return cells.all();
  }

  /** All that are taken and not yet passed by the position, in log order. */
  entries(): Iterable<Entry> {
    return this.#entries;
  }

  /** Takes the next event of the lane's source. Call `reach` before any of a batch's events is settled. */
  open(entry: Entry): void {
    this.#size.add(1);
    this.#share.take(entry.weight);
    this.#entries.push(entry);
    this.#lastSequence = entry.sequence;
    this.#unsettled += 1;
  }

  /** An event that was parked in an earlier life: counted as held already. */
  reopen(entry: Entry): void {
    entry.isPassed = true;
    this.#weigh(entry, HELD_BYTES);
    if (entry.row?.state === 'parked') this.#parked.add(1);
  }

  /** Dead letters are to be delivered once more: they are held again, in the committed counts too. */
  revive(count: number): void {
    this.#live.dead -= count;
    this.#before.dead -= count;
    this.#held += count;
    this.#heldBefore += count;
    this.#isChanged = true;
  }

  /** Lets the position pass all that is settled: what is not, and lies before it, is held. */
  close(): void {
    this.#passAt = 1;
    this.#fold();
  }

  /** Nothing before this position is still to be taken. */
  reach(next: Position): void {
    this.#reached = next;
    this.#fold();
  }

  /** Lets an event wait as a row, or changes the row of one that does. */
  hold(entry: Entry, row: ExceptionRow): void {
    const wasHeld = entry.isHeld;
    entry.row = row;
    if (entry.isPassed) this.#save(row, 0);
    if (wasHeld) return;
    this.#unsettled -= 1;
    this.#held += 1;
    this.#parked.add(1);
    this.#weigh(entry, HELD_BYTES);
    this.#done += 1;
    this.#fold();
  }

  /** Settles an event for good; a dead one leaves a row. */
  settle(entry: Entry, fate: Fate, row?: ExceptionRow): void {
    const held = entry.isHeld ? entry.row : undefined;
    entry.fate = fate;
    entry.row = row;
    this.#live.add(fate);
    this.#weigh(entry, row?.event?.length ?? 0);
    if (held === undefined) this.#unsettled -= 1;
    else this.#held -= 1;
    if (held?.state === 'parked') this.#parked.add(-1);
    if (!entry.isPassed) {
      if (held === undefined) this.#done += 1;
      return this.#fold();
    }
    this.#heldBefore -= 1;
    this.#before.add(fate);
    countFate(this.#cells, entry.slot, fate);
    // It was counted as dead when it became a letter, and is no longer.
    if (held?.state === 'queued') this.#cells.add(entry.slot, 'dead', -1);
    if (row !== undefined) this.#save(row, entry.weight);
    else if (held !== undefined) this.#remove(held.id);
  }

  /** What there is to commit. A position that moved over other sources' events only counts when asked for. */
  step(evenPositionOnly: boolean): Step | undefined {
    const moved = evenPositionOnly && this.#position !== this.#committedPosition;
    if (!this.#isChanged && !moved) return undefined;
    const { delivered, filtered, dead, repeats } = this.#before;
    return {
      progress: {
        position: this.#position,
        startSequence: this.#start.startSequence,
        sequence: this.#sequence,
        delivered,
        filtered,
        dead,
        held: this.#heldBefore,
        repeats,
        end: this.#start.end,
      },
      saved: Array.from(this.#saved.values(), ({ row }) => row),
      removed: [...this.#removed],
      cells: this.#cells.all(),
    };
  }

  /** The last step is durable. */
  committed(): void {
    this.#committedPosition = this.#position;
    for (const { bytes } of this.#saved.values()) this.#share.giveBack(bytes);
    this.#saved.clear();
    this.#removed.clear();
    this.#cells.clear();
    this.#size.add(-this.#uncommitted);
    this.#uncommitted = 0;
    this.#isChanged = false;
  }

  /** Moves the position as far as it may go. */
  #fold(): void {
    // To hold one that is stuck leads here again, and thousands may be stuck behind one another.
    if (this.#isFolding) return;
    this.#isFolding = true;
    let first = this.#advance();
    while (first !== undefined && this.#done >= this.#passAt) {
      this.#onStuck(first);
      first = first.isHeld ? this.#advance() : undefined;
    }
    this.#isFolding = false;
  }

  /** Moves the position past all that are settled or held, up to the first that is neither; returns that one. */
  #advance(): Entry | undefined {
    let first = this.#entries.peek();
    while (first !== undefined && (first.fate !== undefined || first.isHeld)) {
      this.#pass(first);
      this.#entries.shift();
      first = this.#entries.peek();
    }
    this.#position = first?.position ?? this.#reached;
    return first;
  }

  #pass(entry: Entry): void {
    const { fate, row } = entry;
    entry.isPassed = true;
    this.#sequence = entry.sequence;
    this.#done -= 1;
    this.#uncommitted += 1;
    this.#isChanged = true;
    if (fate === undefined) this.#heldBefore += 1;
    else {
      this.#before.add(fate);
      countFate(this.#cells, entry.slot, fate);
    }
    if (row !== undefined) this.#save(row, fate === undefined ? 0 : entry.weight);
  }

  /** `bytes` of memory are free once the row is durable. */
  #save(row: ExceptionRow, bytes: number): void {
    this.#share.giveBack(this.#saved.get(row.id)?.bytes ?? 0);
    this.#removed.delete(row.id);
    this.#saved.set(row.id, { row, bytes });
    this.#isChanged = true;
  }

  #remove(id: number): void {
    this.#saved.delete(id);
    this.#removed.add(id);
    this.#isChanged = true;
  }

  #weigh(entry: Entry, weight: number): void {
    this.#share.giveBack(entry.weight);
    this.#share.take(weight);
    entry.weight = weight;
  }
}

interface SavedRow {
  readonly row: ExceptionRow;
  /** The memory of the dead letter's event, which is counted until the row is durable. */
  readonly bytes: number;
}

/** A repeat is no event, and is counted where it is recognized. */
function countFate(cells: Cells, slot: Slot, fate: Fate): void {
  if (fate === 'repeat') return;
  if (fate === 'delivered') cells.add(slot, 'delivered');
  else if ('dead' in fate) cells.add(slot, 'dead', fate.dead);
  else cells.add(slot, 'filtered');
}
