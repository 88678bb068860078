import type { Destination, OutgoingRequest, Planner } from '@metarouter/destinations';
import type { Outcome } from '../delivery/outcome.ts';
import type { Channel } from '../delivery/sender.ts';
import type { Position } from '../log/event-log.ts';
import type { Clock, Random } from '../platform/clock.ts';
import type { Histogram } from '../platform/histogram.ts';
import type { Pipeline } from '../store/workspace.ts';
import type { LaneCommit, LaneKey, LaneProgress } from './delivery-state.ts';
import { Digest } from './digest.ts';
import type { LaneSnapshot, Report } from './messages.ts';
import type { Offer, Parcel } from './parcel.ts';
import { bodyOf, idempotencyKey, plan } from './plan.ts';
import { Queue } from './queue.ts';
import type { RateLimit } from './rate-limit.ts';
import { nextWaitMs, probeWaitMs } from './retry.ts';
import type { Share } from './room.ts';
import { type Entry, type Fate, Window } from './window.ts';

const PAUSED =
  'The receiver refuses this pipeline itself, not single events, so it is paused. Its events are kept, and one is ' +
  'tried at least once a minute. Correct the URL or the credentials of its connection, or what the receiver expects.';
const RESUMED =
  'The receiver takes events again. The pipeline goes on where it was paused; no event was lost.';
const GAVE_UP =
  'Events could not be delivered and are kept as dead letters with the reason. Later events of the same users ' +
  'were not held up. Look at the reason; correct the pipeline or what sends such events.';
const FILTERED = 'Events are not meant for this destination and were not sent to it. The last one says why.';
const LEFT_OUT = 'Events were sent without some of their parts. The last one says which.';

/** What is said of the last of several events. */
interface Said extends Readonly<Record<string, string>> {
  readonly messageId: string;
  readonly why: string;
}

/** Why records are missing from the log: they could not be read, or were dropped by age before this lane got to them. */
export type Loss = 'damaged' | 'expired';

export interface LaneOptions {
  readonly pipeline: Pipeline;
  readonly partition: number;
  readonly destination: Destination;
  readonly committed: LaneProgress;
  readonly channel: Channel;
  /** Shared with all lanes of the same credentials; undefined for none. */
  readonly rate: RateLimit | undefined;
  /** The memory that its events may take. */
  readonly share: Share;
  readonly clock: Clock;
  readonly random: Random;
  readonly latency: Histogram;
  readonly report: Report;
  /** Called each time that an event is settled. */
  readonly onSettled: (lane: Lane) => void;
}

/** An event on its way to the destination. */
interface Delivery {
  readonly parcel: Parcel;
  readonly entry: Entry;
  /** What has not been answered for good. */
  requests: readonly OutgoingRequest[];
  attempts: number;
  /** When the first attempt began, on the clock that only grows. */
  firstAt: number;
  /** Why one of its requests was refused for good. */
  refusal: Failed | undefined;
  /** The next event of the same user, parked until this one is settled. */
  following: Delivery | undefined;
}

type Failed = Exclude<Outcome, { kind: 'delivered' }>;

/** One try to send all that a delivery still has to send. */
interface Attempt {
  readonly delivery: Delivery;
  unanswered: number;
  readonly again: OutgoingRequest[];
  failure: Failed | undefined;
  misconfigured: boolean;
}

/**
 * The running delivery of one pipeline in one partition. Nothing in it waits in a loop: events, answers and timers
 * push it forward. Of each user's events one is under way at a time, so their order holds through any failure.
 */
export class Lane {
  readonly key: LaneKey;
  readonly source: string;
  readonly #options: LaneOptions;
  readonly #planner: Planner;
  readonly #secrets: readonly string[];
  readonly #window: Window;
  /** The last unsettled delivery of each user. */
  readonly #lastOf = new Map<string, Delivery>();
  readonly #ready = new Queue<Delivery>();
  readonly #timers = new Set<() => void>();
  readonly #outcomes = { delivered: 0, filtered: 0, dead: 0, retried: 0, paused: 0 };
  readonly #dead: Digest<string>;
  readonly #filtered: Digest<Said>;
  readonly #leftOut: Digest<Said>;
  #underWay = 0;
  #awaitsTurn = false;
  #pause: { failedProbes: number; cancelProbe: (() => void) | undefined } | undefined;
  #onIdle: (() => void) | undefined;

  constructor(options: LaneOptions) {
    const { pipeline, destination } = options;
    this.#options = options;
    this.key = { pipeline: pipeline.id, partition: options.partition };
    this.source = pipeline.source;
    this.#planner = destination.prepare(pipeline.connection, pipeline.config);
    this.#secrets = destination.secrets(pipeline.connection, pipeline.config);
    this.#window = new Window(options.committed, options.share);
    const { clock } = options;
    // The dead letters themselves tell the rest.
    this.#dead = new Digest(clock, (count, lastReason) =>
      this.#report('warn', GAVE_UP, { count, lastReason }),
    );
    this.#filtered = new Digest(clock, (count, last) => this.#report('info', FILTERED, { count, ...last }));
    this.#leftOut = new Digest(clock, (count, last) => this.#report('info', LEFT_OUT, { count, ...last }));
  }

  /** Whether there is room for more events. */
  wants(): boolean {
    return this.#window.hasRoom;
  }

  /** The position that it wants to go on from. */
  get reached(): Position {
    return this.#window.reached;
  }

  /**
   * Takes its source's events up to `next`, all that the log has there, as far as there is room: `reached` tells how
   * far. Those it already had are left out.
   */
  take(offers: readonly Offer[], next: Position, loss: Loss): void {
    if (next <= this.#window.reached) return;
    const opened: (readonly [Parcel, Entry])[] = [];
    const lost: (readonly [Entry, number])[] = [];
    let reached = next;
    for (const offer of offers) {
      const { position, sequence } = offer.record;
      if (position < this.#window.reached) continue;
      const missing = sequence - this.#window.lastSequence - 1;
      if (missing > 0) lost.push([this.#window.open(position, sequence - 1, 0), missing]);
      if (!this.wants()) {
        reached = position;
        break;
      }
      const parcel = offer.parcel();
      opened.push([parcel, this.#window.open(position, sequence, parcel.weight)]);
    }
    this.#window.reach(reached);
    for (const [entry, count] of lost) this.#giveUp(entry, { reason: loss, attempts: 0, count });
    for (const [parcel, entry] of opened) this.#admit(parcel, entry);
    this.#pump();
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

  /** How things stand at this moment. */
  snapshot(): LaneSnapshot {
    return {
      ...this.key,
      source: this.source,
      startSequence: this.#options.committed.startSequence,
      sequence: this.#window.lastSequence,
      ...this.#window.counts,
      window: this.#window.unsettled,
      paused: this.#pause !== undefined,
      outcomes: { ...this.#outcomes },
    };
  }

  /** Begins nothing more; resolves when nothing is under way. */
  stop(): Promise<void> {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      if (this.#underWay === 0) resolve();
    });
  }

  #admit(parcel: Parcel, entry: Entry): void {
    const planned = plan(parcel.event, this.#options.destination, this.#planner);
    const { messageId } = parcel;
    if (planned.kind === 'filtered') {
      this.#filtered.add({ messageId, why: planned.reason });
      return this.#settle(entry, 'filtered');
    }
    if (planned.kind === 'dead') return this.#giveUp(entry, { reason: planned.reason, attempts: 0, parcel });
    if (planned.notes.length > 0) this.#leftOut.add({ messageId, why: planned.notes.join('; ') });
    const delivery: Delivery = {
      parcel,
      entry,
      requests: planned.requests,
      attempts: 0,
      firstAt: 0,
      refusal: undefined,
      following: undefined,
    };
    const before = this.#lastOf.get(parcel.orderKey);
    this.#lastOf.set(parcel.orderKey, delivery);
    if (before === undefined) this.#ready.push(delivery);
    else before.following = delivery;
  }

  #pump(): void {
    const { concurrency } = this.#options.destination.limits;
    if (this.#pause !== undefined || this.#onIdle !== undefined) return;
    while (this.#underWay < concurrency && !this.#awaitsTurn) {
      const next = this.#ready.peek();
      if (next === undefined) return;
      this.#beginInTurn(next);
    }
  }

  /** Begins the next delivery as soon as the rate of its connection allows. */
  #beginInTurn({ requests }: Delivery): void {
    const wait = this.#options.rate?.reserve(requests.length) ?? 0;
    if (wait === 0) return this.#begin();
    this.#awaitsTurn = true;
    this.#after(wait, () => {
      this.#awaitsTurn = false;
      if (this.#pause === undefined) this.#begin();
      this.#pump();
    });
  }

  #begin(): void {
    const delivery = this.#ready.shift();
    if (delivery === undefined) return;
    const { channel, clock } = this.#options;
    const { parcel, requests } = delivery;
    if (delivery.attempts === 0) delivery.firstAt = clock.monotonic();
    delivery.attempts += 1;
    this.#underWay += 1;
    const attempt: Attempt = {
      delivery,
      unanswered: requests.length,
      again: [],
      failure: undefined,
      misconfigured: false,
    };
    const key = idempotencyKey(this.key.pipeline, parcel.messageId);
    for (const request of requests) {
      const sent = channel.send({ request, body: bodyOf(request, parcel), idempotencyKey: key });
      void sent.then((outcome) => this.#answered(attempt, request, outcome));
    }
  }

  #answered(attempt: Attempt, request: OutgoingRequest, outcome: Outcome): void {
    this.#options.rate?.heed(outcome);
    if (outcome.kind === 'rejected') attempt.delivery.refusal = outcome;
    else if (outcome.kind !== 'delivered') {
      attempt.again.push(request);
      attempt.failure = outcome;
      attempt.misconfigured ||= outcome.kind === 'misconfigured';
    }
    attempt.unanswered -= 1;
    if (attempt.unanswered > 0) return;
    this.#underWay -= 1;
    this.#conclude(attempt);
    this.#pump();
    this.#probeLater();
    if (this.#underWay === 0) this.#onIdle?.();
  }

  #conclude({ delivery, again, failure, misconfigured }: Attempt): void {
    delivery.requests = again;
    if (failure === undefined) {
      this.#resume();
      return this.#finish(delivery, delivery.refusal);
    }
    if (misconfigured || this.#pause !== undefined) return this.#hold(delivery, failure);
    const wait = nextWaitMs(
      {
        made: delivery.attempts,
        elapsedMs: this.#options.clock.monotonic() - delivery.firstAt,
        retryAfterMs: failure.kind === 'retry' ? failure.retryAfterMs : undefined,
      },
      this.#options.random,
    );
    if (wait === undefined)
      return this.#finish(delivery, { ...failure, reason: `given up: ${failure.reason}` });
    this.#outcomes.retried += 1;
    this.#after(wait, () => {
      this.#ready.push(delivery);
      this.#pump();
    });
  }

  /** Pauses the lane: what is wrong is not this event. Events are kept, and one at a time is tried. */
  #hold(delivery: Delivery, failure: Failed): void {
    this.#ready.push(delivery);
    // Attempts made in vain while the set-up is wrong do not count against the event.
    delivery.attempts = 0;
    this.#outcomes.paused += 1;
    if (this.#pause !== undefined) return;
    this.#pause = { failedProbes: 0, cancelProbe: undefined };
    this.#report('warn', PAUSED, { reason: failure.reason });
  }

  /** While paused, tries one event once nothing is under way any more: so there is one probe at a time. */
  #probeLater(): void {
    const pause = this.#pause;
    if (pause === undefined || pause.cancelProbe !== undefined || this.#underWay > 0) return;
    pause.cancelProbe = this.#after(probeWaitMs(pause.failedProbes, this.#options.random), () => {
      pause.cancelProbe = undefined;
      pause.failedProbes += 1;
      this.#begin();
    });
  }

  #resume(): void {
    if (this.#pause === undefined) return;
    this.#pause.cancelProbe?.();
    this.#pause = undefined;
    this.#report('info', RESUMED, {});
  }

  #finish(delivery: Delivery, failure: Failed | undefined): void {
    const { parcel, entry, attempts, following } = delivery;
    if (following !== undefined) this.#ready.push(following);
    else this.#lastOf.delete(parcel.orderKey);
    if (failure !== undefined) return this.#giveUp(entry, { ...failure, attempts, parcel });
    // The clock may have been set back since the event came.
    this.#options.latency.add(Math.max(0, this.#options.clock.now() - parcel.receivedAt) / 1000);
    this.#settle(entry, 'delivered');
  }

  #giveUp(entry: Entry, why: GivenUp): void {
    const { parcel, reason, status, attempts, count = 1 } = why;
    this.#dead.add(reason, count);
    this.#settle(entry, {
      position: entry.position,
      sequence: entry.sequence,
      count,
      messageId: parcel?.messageId,
      reason,
      status,
      attempts,
      at: this.#options.clock.now(),
      answer: why.answer === undefined ? undefined : this.#masked(why.answer),
      event: parcel?.bytes,
    });
  }

  #settle(entry: Entry, fate: Fate): void {
    this.#outcomes[typeof fate === 'string' ? fate : 'dead'] += typeof fate === 'string' ? 1 : fate.count;
    this.#window.settle(entry, fate);
    this.#options.onSettled(this);
  }

  /** Receivers sometimes repeat what they were sent, credentials included. */
  #masked(answer: string): string {
    return this.#secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), answer);
  }

  #report(level: 'info' | 'warn', message: string, fields: Readonly<Record<string, string | number>>): void {
    const { pipeline, report } = this.#options;
    report(level, message, { ...this.key, name: pipeline.name, ...fields });
  }

  /** Runs the task later unless the lane stops before; what it returns calls it off. */
  #after(delayMs: number, task: () => void): () => void {
    if (this.#onIdle !== undefined) return () => {};
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      task();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }
}

interface GivenUp {
  readonly reason: string;
  readonly attempts: number;
  readonly status?: number;
  readonly answer?: string;
  readonly parcel?: Parcel;
  readonly count?: number;
}
