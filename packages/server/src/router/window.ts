import type { Position } from '../log/event-log.ts';
import type { DeadLetter, LaneProgress } from './delivery-state.ts';
import { Level } from './level.ts';
import { Queue } from './queue.ts';
import type { Share } from './room.ts';

/** Events after the committed position that a lane holds: what a crash may send a second time. */
export const WINDOW_MAX = 10_000;

/** What became of an event in the end. There is no fourth fate. */
export type Fate = 'delivered' | 'filtered' | DeadLetter;

/** An event's place in the window. */
export interface Entry {
  readonly position: Position;
  readonly sequence: number;
  /** About how many bytes of memory it takes until it is settled. */
  readonly weight: number;
  /** Undefined until the event is settled. */
  fate: Fate | undefined;
}

/** A step that can be made durable: all events before the new position are settled, and counted. */
export interface Step {
  readonly progress: LaneProgress;
  readonly deadLetters: readonly DeadLetter[];
}

/**
 * The events that a lane has taken and not yet committed, in log order. It alone decides how far the position may
 * move: up to the first event that is not settled, never past it, whatever is settled behind.
 */
export class Window {
  readonly #entries = new Queue<Entry>();
  readonly #share: Share;
  /** The events after the committed position. */
  readonly #size = new Level(WINDOW_MAX);
  /** Everything settled up to the first event that is not; what a commit would write. */
  #progress: LaneProgress;
  #committed: LaneProgress;
  #deadLetters: DeadLetter[] = [];
  #uncommitted = 0;
  #unsettled = 0;
  #reached: Position;
  #lastSequence: number;
  #live: { delivered: number; filtered: number; dead: number };

  constructor(committed: LaneProgress, share: Share) {
    this.#share = share;
    this.#progress = committed;
    this.#committed = committed;
    this.#reached = committed.position;
    this.#lastSequence = committed.sequence;
    this.#live = { delivered: committed.delivered, filtered: committed.filtered, dead: committed.dead };
  }

  /** Whether more events may be taken. */
  get hasRoom(): boolean {
    return !this.#size.isFull && !this.#share.isFull();
  }

  /** How many events are taken and not settled. */
  get unsettled(): number {
    return this.#unsettled;
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
  get counts(): { readonly delivered: number; readonly filtered: number; readonly dead: number } {
    return this.#live;
  }

  /** Takes the next event of the lane's source. Call `reach` before any of a batch's events is settled. */
  open(position: Position, sequence: number, weight: number): Entry {
    const entry: Entry = { position, sequence, weight, fate: undefined };
    this.#size.add(1);
    this.#share.take(weight);
    this.#entries.push(entry);
    this.#lastSequence = sequence;
    this.#unsettled += 1;
    return entry;
  }

  /** Nothing before this position is still to be taken. */
  reach(next: Position): void {
    this.#reached = next;
    this.#fold();
  }

  /** Settles an event for good. */
  settle(entry: Entry, fate: Fate): void {
    entry.fate = fate;
    this.#unsettled -= 1;
    this.#share.giveBack(entry.weight);
    if (fate === 'delivered' || fate === 'filtered') this.#live[fate] += 1;
    else {
      this.#live.dead += fate.count;
      this.#share.take(keptBytes(fate));
    }
    if (entry === this.#entries.peek()) this.#fold();
  }

  /** What there is to commit. A position that moved over other sources' events only counts when asked for. */
  step(evenPositionOnly: boolean): Step | undefined {
    const moved = evenPositionOnly && this.#progress.position !== this.#committed.position;
    if (this.#uncommitted === 0 && !moved) return undefined;
    return { progress: this.#progress, deadLetters: this.#deadLetters };
  }

  /** The last step is durable. */
  committed(): void {
    this.#committed = this.#progress;
    for (const letter of this.#deadLetters) this.#share.giveBack(keptBytes(letter));
    this.#deadLetters = [];
    this.#size.add(-this.#uncommitted);
    this.#uncommitted = 0;
  }

  #fold(): void {
    let { sequence, delivered, filtered, dead } = this.#progress;
    let first = this.#entries.peek();
    while (first?.fate !== undefined) {
      sequence = first.sequence;
      if (first.fate === 'delivered') delivered += 1;
      else if (first.fate === 'filtered') filtered += 1;
      else {
        dead += first.fate.count;
        this.#deadLetters.push(first.fate);
      }
      this.#uncommitted += 1;
      this.#entries.shift();
      first = this.#entries.peek();
    }
    const position = first?.position ?? this.#reached;
    this.#progress = {
      position,
      startSequence: this.#progress.startSequence,
      sequence,
      delivered,
      filtered,
      dead,
    };
  }
}

/** What a dead letter takes until it is durable: its copy of the event. */
function keptBytes({ event }: DeadLetter): number {
  return event?.length ?? 0;
}
