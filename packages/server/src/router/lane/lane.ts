import type { Destination, Planner } from '@metarouter/destinations';
import type { Filter } from '@metarouter/events';
import type { Channel } from '../../delivery/sender.ts';
import type { Position } from '../../log/event-log.ts';
import type { Clock, Random } from '../../platform/clock.ts';
import type { Histogram } from '../../platform/histogram.ts';
import type { Pipeline } from '../../store/workspace.ts';
import type { LaneSnapshot, Report } from '../messages.ts';
import type { Offer, Parcel } from '../parcel.ts';
import { type Plan, plan } from '../plan.ts';
import type { ExceptionRow, LaneCommit, LaneKey, LaneProgress } from '../state/rows.ts';
import { Delivery, type Failed } from './delivery.ts';
import { LaneReport } from './lane-report.ts';
import type { RateLimit } from './rate-limit.ts';
import { RecentExchanges } from './recent-exchanges.ts';
import type { Share } from './room.ts';
import { Shipping } from './shipping.ts';
import type { Fate } from './tally.ts';
import { type Readiness, Traffic, type Waiting } from './traffic.ts';
import { Entry, Window } from './window.ts';

/** Why records are missing from the log: they could not be read, or were dropped by age before this lane got to them. */
export type Loss = 'damaged' | 'expired';

/** Dead letters that are being delivered once more and are in memory, at the same time. */
const QUEUED_LOADED_MAX = 256;

export interface LaneOptions {
  readonly key: LaneKey;
  readonly pipeline: Pipeline;
  readonly destination: Destination;
  readonly filter: Filter;
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
  /** Exchanges that are remembered for people. */
  readonly recentMax: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly latency: Histogram;
  readonly report: Report;
  /** The id of the next exception row. */
  readonly nextId: () => number;
  /** The content of an event that waited as a row, or why the log has it no more. */
  readonly readAgain: (position: Position) => Parcel | Loss;
  /** The content of a dead letter. */
  readonly readLetter: (row: ExceptionRow) => Parcel;
  /** The next dead letters that wait to be delivered once more, with ids above `after`. */
  readonly queued: (after: number, first: number) => readonly ExceptionRow[];
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
  readonly #planner: Planner;
  readonly #secrets: readonly string[];
  readonly #report: LaneReport;
  readonly #window: Window;
  readonly #traffic: Traffic;
  readonly #held = new Map<number, Delivery>();
  readonly #outcomes = { delivered: 0, filtered: 0, dead: 0, retried: 0, paused: 0 };
  #queuedLoaded = 0;
  #lastQueued = 0;

  constructor(options: LaneOptions) {
    const { key, pipeline, destination, committed, clock, random, rate, concurrency, channel } = options;
    const { connection, config } = pipeline;
    this.key = key;
    this.source = pipeline.source;
    this.end = committed.end?.position;
    this.recent = new RecentExchanges(clock, options.recentMax);
    this.#options = options;
    this.#planner = destination.prepare(connection, config);
    this.#secrets = destination.secrets(connection, config);
    this.#report = new LaneReport(options);
    this.#window = new Window(committed, options.share, (entry) => {
      if (entry instanceof Delivery) this.#traffic.passBy(entry);
    });
    const batch = destination.batch(connection, config);
    const shipping = new Shipping({
      pipeline: key.pipeline,
      isReplay: key.replay !== '',
      channel,
      batch,
      rate,
      recent: this.recent,
    });
    this.#traffic = new Traffic({
      clock,
      random,
      shipping,
      rate,
      batch,
      concurrency,
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
    const now = this.#options.clock.now();
    for (const row of this.#options.parked) {
      const delivery = Delivery.fromRow(row);
      this.#window.reopen(delivery);
      this.#held.set(delivery.sequence, delivery);
      // The clock may have been set meanwhile: no event waits longer than it had to wait in the first place.
      this.#traffic.add(delivery, Math.min(Math.max(row.waitMs - (now - row.at), 0), row.waitMs));
    }
    this.#loadQueued();
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
   * far. Those it already had are left out.
   */
  take(offers: readonly Offer[], next: Position, loss: Loss): void {
    if (next <= this.#window.reached) return;
    const opened: (readonly [Offer, Delivery])[] = [];
    const lost: (readonly [Entry, number])[] = [];
    let reached = next;
    for (const offer of offers) {
      const { record, isRepeat } = offer;
      const { position, sequence } = record;
      if (position < this.#window.reached) continue;
      const missing = sequence - this.#window.lastSequence - 1;
      if (missing > 0) lost.push([this.#open(new Entry(position, sequence - 1, 0)), missing]);
      if (!this.wants()) {
        reached = position;
        break;
      }
      opened.push([offer, this.#open(new Delivery(record, record, isRepeat ? undefined : offer.parcel()))]);
    }
    this.#window.reach(reached);
    for (const [entry, count] of lost) this.#lose(entry, loss, count);
    for (const [offer, delivery] of opened) {
      if (offer.isRepeat) this.#settle(delivery, 'repeat');
      else this.#admit(delivery, offer.parcel());
    }
    this.#traffic.pump();
  }

  /** What there is to commit, or undefined. */
  step(evenPositionOnly: boolean): LaneCommit | undefined {
    const step = this.#window.step(evenPositionOnly);
    return step === undefined ? undefined : { lane: this.key, ...step };
  }

  /** The last step is durable. */
  committed(): void {
    this.#window.committed();
  }

  /** So many of its dead letters wait to be delivered once more, durably. */
  revive(count: number): void {
    this.#window.revive(count);
    this.#loadQueued();
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
      trouble: this.#traffic.breaker.trouble,
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
    delivery.parcel = parcel;
    const planned = this.#plan(parcel);
    if (planned.kind === 'send') {
      const { answered } = delivery;
      delivery.requests = planned.requests.filter(({ key }) => !answered.includes(key));
      // What it still needed to send is no longer needed, since the pipeline was changed.
      if (delivery.requests.length > 0) return 'ready';
      this.#traffic.leave(delivery);
      this.#settle(delivery, 'delivered');
      return 'settled';
    }
    if (this.#isBroken(planned)) return 'broken';
    this.#traffic.leave(delivery);
    this.#refuse(delivery, planned);
    return 'settled';
  }

  #contentOf(delivery: Delivery): Parcel | Loss {
    const { letter, position } = delivery;
    return letter === undefined ? this.#options.readAgain(position) : this.#options.readLetter(letter);
  }

  #plan({ event }: Parcel): Plan {
    const planned = plan(event, {
      destination: this.#options.destination,
      planner: this.#planner,
      filter: this.#options.filter,
    });
    const { breaker } = this.#traffic;
    if (breaker.planned(planned.kind === 'broken'))
      this.#report.changed(breaker.trouble, planned.kind === 'send' ? '' : planned.reason);
    return planned;
  }

  #isBroken({ kind }: Plan): boolean {
    return kind === 'broken' && this.#traffic.breaker.trouble === 'broken';
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
    const receivedAt = delivery.parcel?.receivedAt;
    // The clock may have been set back since the event came.
    if (receivedAt !== undefined)
      this.#options.latency.add(Math.max(0, this.#options.clock.now() - receivedAt) / 1000);
    this.#settle(delivery, 'delivered');
  }

  #giveUp(delivery: Delivery, failure: Failed): void {
    const { letter, parcel } = delivery;
    const event = letter?.event ?? parcel?.bytes;
    const row = this.#rowOf(delivery, event === undefined ? 'lost' : 'dead', failure, 0);
    this.#report.gaveUp(1, failure.reason);
    this.#settle(delivery, { dead: 1 }, { ...row, event });
  }

  /** A run of events that the log does not have any more; the entry stands at the last one's place. */
  #lose(entry: Entry, loss: Loss, count: number): void {
    const { position, sequence } = entry;
    this.#report.gaveUp(count, loss);
    this.#settle(
      entry,
      { dead: count },
      {
        id: this.#options.nextId(),
        state: 'lost',
        position,
        sequence,
        count,
        reason: loss,
        attempts: 0,
        at: this.#options.clock.now(),
        elapsedMs: 0,
        waitMs: 0,
        answered: [],
      },
    );
  }

  #hold(delivery: Delivery, waitMs: number): void {
    const state = delivery.letter === undefined ? 'parked' : 'queued';
    const row = this.#rowOf(delivery, state, delivery.failure, waitMs);
    if (state === 'parked') this.#held.set(delivery.sequence, delivery);
    this.#window.hold(delivery, { ...row, event: delivery.letter?.event });
    this.#options.onChanged(this);
  }

  #rowOf(
    delivery: Delivery,
    state: ExceptionRow['state'],
    failure: Failed | undefined,
    waitMs: number,
  ): ExceptionRow {
    const { position, sequence, messageId, orderKey, attempts, answered, row } = delivery;
    return {
      id: row?.id ?? this.#options.nextId(),
      state,
      position,
      sequence,
      count: 1,
      messageId,
      orderKey,
      reason: failure?.reason ?? '',
      status: failure?.status,
      answer: failure?.answer === undefined ? undefined : this.masked(failure.answer),
      attempts,
      at: this.#options.clock.now(),
      elapsedMs: delivery.elapsedMs(this.#traffic.breaker.activeMs()),
      waitMs,
      answered,
    };
  }

  #settle(entry: Entry, fate: Fate, row?: ExceptionRow): void {
    if (fate === 'delivered') this.#outcomes.delivered += 1;
    else if (fate !== 'repeat')
      this.#outcomes['dead' in fate ? 'dead' : 'filtered'] += 'dead' in fate ? fate.dead : 1;
    if (this.#held.get(entry.sequence) === entry) this.#held.delete(entry.sequence);
    this.#window.settle(entry, fate, row);
    this.#options.onChanged(this);
    if (!(entry instanceof Delivery) || entry.letter === undefined) return;
    this.#queuedLoaded -= 1;
    this.#loadQueued();
  }

  /** Brings dead letters in that are to be delivered once more, a few at a time. */
  #loadQueued(): void {
    if (this.#queuedLoaded > QUEUED_LOADED_MAX / 2) return;
    const rows = this.#options.queued(this.#lastQueued, QUEUED_LOADED_MAX - this.#queuedLoaded);
    for (const row of rows) {
      const delivery = Delivery.fromRow(row);
      this.#window.reopen(delivery);
      this.#lastQueued = row.id;
      this.#queuedLoaded += 1;
      this.#traffic.add(delivery);
    }
  }

  /** Receivers sometimes repeat what they were sent, credentials included. */
  masked(answer: string): string {
    return this.#secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), answer);
  }
}
