import type { Channel } from '../../delivery/sender.ts';
import type { Position } from '../../log/event-log.ts';
import type { Clock, Random } from '../../platform/clock.ts';
import type { Histogram } from '../../platform/histogram.ts';
import type { Pipeline } from '../../store/workspace.ts';
import type { Decider } from '../decider.ts';
import type { LaneSnapshot, Report } from '../messages.ts';
import type { OutageWatch } from '../outages.ts';
import type { Offer, Parcel } from '../parcel.ts';
import type { Plan } from '../plan.ts';
import { type Cell, slotOf } from '../state/cells.ts';
import type { ExceptionRow, ExceptionState, LaneCommit, LaneKey, LaneProgress } from '../state/rows.ts';
import { Delivery, type Failed, leftMs, type Readiness, type Times } from './delivery.ts';
import { LaneReport } from './lane-report.ts';
import { Letters, type QueuedRows } from './letters.ts';
import type { RateLimit } from './rate-limit.ts';
import type { RecentExchanges } from './recent-exchanges.ts';
import type { Share } from './room.ts';
import { Shipping } from './shipping.ts';
import type { Fate } from './tally.ts';
import { Traffic, type Waiting } from './traffic.ts';
import { Entry, Window } from './window.ts';

/** Why records are missing from the log: they could not be read, or were dropped by age before this lane got to them. */
export type Loss = 'damaged' | 'expired';

export interface LaneOptions {
  readonly key: LaneKey;
  readonly pipeline: Pipeline;
  readonly decider: Decider;
  readonly committed: LaneProgress;
  /** Its parked events, as they were committed, in log order. */
  readonly parked: readonly ExceptionRow[];
  readonly channel: Channel;
  /** Attempts under way at the same time. */
  readonly concurrency: number;
  /** Shared with all lanes of the same credentials; undefined for none. */
  readonly rate: RateLimit | undefined;
  /** The memory that its events may take. */
  readonly share: Share;
  /** Its exchanges that are remembered for people. */
  readonly recent: RecentExchanges;
  readonly clock: Clock;
  readonly random: Random;
  readonly latency: Histogram;
  /** Told of each attempt; undefined for a replay, which is not what a pipeline is judged by. */
  readonly outage: OutageWatch | undefined;
  readonly report: Report;
  /** The id of the next exception row. */
  readonly nextId: () => number;
  /** The content of an event that waited as a row, or why the log has it no more. */
  readonly readAgain: (position: Position) => Parcel | Loss;
  /** The content of the dead letter with this id. */
  readonly readLetter: (id: number) => Parcel | Loss;
  /** The next dead letters that wait to be delivered once more. */
  readonly queued: QueuedRows;
  /** Told of an error of ours, behind which the lane must not go on. */
  readonly onBug: (error: unknown) => void;
  /** Called each time that there is something to commit. */
  readonly onChanged: (lane: Lane) => void;
}

/**
 * The running delivery of one pipeline in one partition, or of one replay of it. Nothing in it waits in a loop: events,
 * answers and timers push it forward. It plans what becomes of each event, and notes what became of it; its traffic
 * decides when what is sent, its window how far the position may move.
 */
export class Lane {
  readonly key: LaneKey;
  readonly source: string;
  /** Where a replay ends. */
  readonly end: Position | undefined;
  /** What was sent and answered lately. */
  readonly recent: RecentExchanges;
  readonly #options: LaneOptions;
  readonly #report: LaneReport;
  readonly #window: Window;
  readonly #traffic: Traffic;
  readonly #letters: Letters;
  readonly #held = new Map<number, Delivery>();
  readonly #outcomes = { delivered: 0, filtered: 0, dead: 0, retried: 0, paused: 0 };

  constructor(options: LaneOptions) {
    const { key, pipeline, committed } = options;
    const { batch, mask } = options.decider;
    this.key = key;
    this.source = pipeline.source;
    this.end = committed.end?.position;
    this.recent = options.recent;
    this.#options = options;
    this.#report = new LaneReport(options);
    this.#letters = new Letters(options.queued);
    this.#window = new Window(committed, options.share, (entry) => {
      if (entry instanceof Delivery) this.#traffic.passBy(entry);
    });
    const isReplay = key.replay !== '';
    this.#traffic = new Traffic({
      ...options,
      shipping: new Shipping({ ...options, pipeline: key.pipeline, isReplay, batch, mask }),
      batch,
      prepare: (delivery) => this.#prepare(delivery),
      settled: (delivery, failure) => this.#finish(delivery, failure),
      held: (delivery, waitMs) => this.#hold(delivery, waitMs),
      failed: (what) => {
        this.#outcomes[what] += 1;
      },
      changed: (trouble, reason) => this.#report.changed(trouble, reason),
    });
  }

  /** Goes on with what waited when it was last committed. */
  start(): void {
    for (const row of this.#options.parked) this.#held.set(row.sequence, this.#goOnWith(row));
    this.#loadLetters();
    this.#traffic.pump();
  }

  /** Whether there is room for more events. */
  wants(): boolean {
    return this.#window.hasRoom;
  }

  /** The position that it wants to go on from. */
  get reached(): Position {
    return this.#window.reached;
  }

  /** Whether all that it will ever get is settled: only a replay comes to that. */
  get isDone(): boolean {
    const { reached, unsettled, held } = this.#window;
    return this.end !== undefined && reached >= this.end && unsettled === 0 && held === 0;
  }

  /**
   * Takes its source's events up to `next`, all that the log has there, as far as there is room: `reached` tells how
   * far. Those it already had are left out. Without offers, `last` may say which sequence is the last one before `next`.
   */
  take(offers: readonly Offer[], next: Position, loss: Loss, last = 0): void {
    if (next <= this.#window.reached) return;
    const opened: Delivery[] = [];
    const lost: (readonly [Entry, number])[] = [];
    const unknown = slotOf(this.#options.clock.now(), undefined);
    const lose = (until: number, position: Position) => {
      const count = until - this.#window.lastSequence;
      if (count > 0) lost.push([this.#open(new Entry(position, until, 0, unknown)), count]);
    };
    let reached = next;
    for (const offer of offers) {
      const { record, isRepeat } = offer;
      if (record.position < this.#window.reached) continue;
      lose(record.sequence - 1, record.position);
      if (!this.wants()) {
        reached = record.position;
        break;
      }
      opened.push(this.#open(new Delivery(record, record, isRepeat ? undefined : offer.parcel())));
    }
    const { end } = this.#options.committed;
    if (end !== undefined && reached >= end.position) lose(end.sequence, end.position);
    else lose(last, next);
    this.#window.reach(reached);
    for (const [entry, count] of lost) this.#lose(entry, loss, count);
    for (const delivery of opened) {
      if (delivery.parcel === undefined) this.#settle(delivery, 'repeat');
      else this.#admit(delivery, delivery.parcel);
    }
    this.#traffic.pump();
  }

  /** What there is to commit, or undefined. */
  step(evenPositionOnly: boolean): LaneCommit | undefined {
    const step = this.#window.step(evenPositionOnly);
    return step === undefined ? undefined : { lane: this.key, source: this.source, ...step };
  }

  /** What came of events by hour since the last commit; nothing for a replay. */
  cells(): readonly Cell[] {
    return this.key.replay === '' ? this.#window.cells() : [];
  }

  /** The last step is durable. */
  committed(): void {
    this.#window.committed();
    this.#letters.committed();
  }

  /** So many of its dead letters wait to be delivered once more, durably. */
  revive(count: number): void {
    this.#window.revive(count);
    this.#letters.added();
    this.#loadLetters();
    this.#traffic.pump();
  }

  /** How things stand at this moment; which repeats lie ahead only the head knows. */
  snapshot(): LaneSnapshot {
    const { unsettled, held, lastSequence, counts } = this.#window;
    const { startSequence, end } = this.#options.committed;
    const { delivered, filtered, dead, repeats } = counts;
    return {
      ...this.key,
      source: this.source,
      startSequence,
      endSequence: end?.sequence,
      sequence: lastSequence,
      delivered,
      filtered,
      dead,
      repeats,
      repeatsAhead: 0,
      window: unsettled,
      held,
      trouble: this.#traffic.trouble,
      outcomes: { ...this.#outcomes },
    };
  }

  /** What an event waits for that is taken and not settled; undefined for any other. For people: it looks through all. */
  waitsFor(sequence: number): Waiting | undefined {
    const held = this.#held.get(sequence);
    if (held !== undefined) return this.#traffic.waitsFor(held);
    for (const entry of this.#window.entries()) {
      if (entry.sequence === sequence && entry.fate === undefined && entry instanceof Delivery)
        return this.#traffic.waitsFor(entry);
    }
    return undefined;
  }

  /** Begins nothing more; resolves when nothing is under way. */
  stop(): Promise<void> {
    return this.#traffic.stop();
  }

  /** The next step is the last one: all that is settled goes into it, and none of it is done again. */
  close(): void {
    this.#window.close();
  }

  /** What is still under way counts no more: it is made again by whoever goes on from the last commit. */
  abandon(): void {
    this.#traffic.abandon();
    this.#report.close();
  }

  /** What waited as a row when the lane was last committed waits on. */
  #goOnWith(row: ExceptionRow): Delivery {
    const times = this.#times();
    const delivery = Delivery.fromRow(row, times);
    this.#window.reopen(delivery);
    this.#traffic.add(delivery, leftMs(row, times.now));
    return delivery;
  }

  #loadLetters(): void {
    for (const row of this.#letters.next()) this.#goOnWith(row);
  }

  #times(): Times {
    return { now: this.#options.clock.now(), activeMs: this.#traffic.activeMs() };
  }

  #open<E extends Entry>(entry: E): E {
    this.#window.open(entry);
    return entry;
  }

  #admit(delivery: Delivery, parcel: Parcel): void {
    const planned = this.#plan(parcel);
    if (planned.kind === 'send') {
      delivery.requests = planned.requests;
      if (planned.notes.length > 0) this.#report.leftOut(parcel.messageId, planned.notes);
      return this.#traffic.add(delivery);
    }
    // With an error of our own in the way of most events, this one waits for a better version.
    if (this.#isBroken(planned)) return this.#traffic.add(delivery);
    this.#refuse(delivery, planned);
  }

  /** Sees to it that a delivery whose turn has come has its content and its requests. */
  #prepare(delivery: Delivery): Readiness {
    if (delivery.requests !== undefined) return 'ready';
    const parcel = delivery.parcel ?? this.#contentOf(delivery);
    if (parcel === 'damaged' || parcel === 'expired') {
      this.#traffic.leave(delivery);
      this.#giveUp(delivery, { kind: 'rejected', reason: parcel });
      return 'settled';
    }
    delivery.load(parcel);
    const planned = this.#plan(parcel);
    if (this.#isBroken(planned)) return 'broken';
    if (planned.kind === 'send') {
      const { answered, refused } = delivery;
      delivery.requests = planned.requests.filter(
        ({ key }) => !answered.includes(key) && !refused.includes(key),
      );
      if (delivery.requests.length > 0) return 'ready';
    }
    this.#traffic.leave(delivery);
    // What it still needed to send may be needed no longer, since the pipeline was changed.
    if (planned.kind === 'send') this.#finish(delivery, undefined);
    else this.#refuse(delivery, planned);
    return 'settled';
  }

  #contentOf({ letter, position }: Delivery): Parcel | Loss {
    return letter === undefined ? this.#options.readAgain(position) : this.#options.readLetter(letter);
  }

  #plan(parcel: Parcel): Plan {
    const planned = this.#options.decider.decide(parcel);
    this.#traffic.planned(planned.kind === 'broken' ? planned.reason : undefined);
    return planned;
  }

  #isBroken({ kind }: Plan): boolean {
    return kind === 'broken' && this.#traffic.trouble === 'broken';
  }

  /** Nothing is sent for this event. */
  #refuse(delivery: Delivery, planned: Exclude<Plan, { kind: 'send' }>): void {
    if (planned.kind !== 'filtered')
      return this.#giveUp(delivery, { kind: 'rejected', reason: planned.reason });
    this.#report.filtered(delivery.messageId, planned.reason);
    this.#settle(delivery, { rule: planned.rule });
  }

  /** It is answered for good. */
  #finish(delivery: Delivery, failure: Failed | undefined): void {
    if (failure !== undefined) return this.#giveUp(delivery, failure);
    const { parcel, letter } = delivery;
    // What goes out a second time says nothing of how fast events are. The clock may have been set back since they came.
    if (parcel !== undefined && letter === undefined && this.key.replay === '')
      this.#options.latency.add(Math.max(0, this.#options.clock.now() - parcel.receivedAt) / 1000);
    this.#settle(delivery, 'delivered');
  }

  #giveUp(delivery: Delivery, failure: Failed): void {
    const isLost = delivery.letter === undefined && delivery.parcel === undefined;
    this.#report.gaveUp(1, failure.reason);
    this.#settle(delivery, { dead: 1 }, this.#rowOf(delivery, isLost ? 'lost' : 'dead', failure, 0));
  }

  /** A run of events that the log does not have any more; the entry stands at the last one's place. */
  #lose(entry: Entry, reason: Loss, count: number): void {
    const { position, sequence, slot } = entry;
    const row: ExceptionRow = {
      id: this.#options.nextId(),
      state: 'lost',
      position,
      sequence,
      slot,
      count,
      reason,
      attempts: 0,
      at: this.#options.clock.now(),
      elapsedMs: 0,
      waitMs: 0,
      answered: [],
    };
    this.#report.gaveUp(count, reason);
    this.#settle(entry, { dead: count }, row);
  }

  #hold(delivery: Delivery, waitMs: number): void {
    const isParked = delivery.letter === undefined;
    const row = this.#rowOf(delivery, isParked ? 'parked' : 'queued', delivery.failure, waitMs);
    if (isParked) this.#held.set(delivery.sequence, delivery);
    this.#window.hold(delivery, row);
    this.#options.onChanged(this);
  }

  #rowOf(
    delivery: Delivery,
    state: ExceptionState,
    failure: Failed | undefined,
    waitMs: number,
  ): ExceptionRow {
    const id = delivery.row?.id ?? this.#options.nextId();
    return delivery.toRow(id, state, this.#times(), failure, waitMs);
  }

  #settle(entry: Entry, fate: Fate, row?: ExceptionRow): void {
    if (fate === 'delivered') this.#outcomes.delivered += 1;
    else if (fate !== 'repeat')
      this.#outcomes['dead' in fate ? 'dead' : 'filtered'] += 'dead' in fate ? fate.dead : 1;
    if (this.#held.get(entry.sequence) === entry) this.#held.delete(entry.sequence);
    this.#window.settle(entry, fate, row);
    this.#options.onChanged(this);
    if (!(entry instanceof Delivery) || entry.letter === undefined) return;
    this.#letters.settled(entry.letter);
    this.#loadLetters();
  }
}
