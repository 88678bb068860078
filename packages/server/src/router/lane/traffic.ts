import type { Batch } from '@metarouter/destinations';
import type { Clock, Random } from '../../platform/clock.ts';
import type { OutageWatch } from '../outages.ts';
import { Breaker, type Trouble } from './breaker.ts';
import type { Delivery, Failed, Readiness } from './delivery.ts';
import { DueList } from './due-list.ts';
import { gather } from './gather.ts';
import { Queue } from './queue.ts';
import type { RateLimit } from './rate-limit.ts';
import { nextWaitMs } from './retry.ts';
import type { Attempted, Shipping } from './shipping.ts';

export interface TrafficOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly shipping: Shipping;
  readonly rate: RateLimit | undefined;
  readonly batch: Batch | undefined;
  /** Attempts under way at the same time. */
  readonly concurrency: number;
  /** Told what attempts say of the destination. */
  readonly outage: OutageWatch | undefined;
  /** Sees to it that a delivery has its content and its requests. */
  readonly prepare: (delivery: Delivery) => Readiness;
  /** It is answered for good: with success, or for the reason given. */
  readonly settled: (delivery: Delivery, failure: Failed | undefined) => void;
  /** It waits so long, or behind another one of its user, and is to be remembered as a row. */
  readonly held: (delivery: Delivery, waitMs: number) => void;
  /** An attempt failed: it will be repeated, or does not count because the lane waits. */
  readonly failed: (what: 'retried' | 'paused') => void;
  /** The lane waits from now on, or goes on. */
  readonly changed: (trouble: Trouble | undefined, reason: string) => void;
}

/** Why a delivery is not settled yet. */
export interface Waiting {
  readonly state: 'underWay' | 'retry' | 'behind' | 'turn' | Trouble;
  readonly attempts: number;
  /** Until the next attempt, in milliseconds. */
  readonly dueInMs: number | undefined;
  /** Why the last attempt failed. */
  readonly reason: string | undefined;
}

/**
 * Decides which delivery goes when. Of each user's events one is under way at a time, or several in one request that
 * has one answer; the others wait behind it. What has to be tried again waits for its time, and its user with it; what
 * fails for everybody opens the breaker.
 */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #breaker: Breaker;
  /** The last unsettled delivery of each user. */
  readonly #lastOf = new Map<string, Delivery>();
  /** The first unsettled ones of their users, whose turn it is. */
  readonly #ready = new Queue<Delivery>();
  readonly #waiting: DueList<Delivery>;
  #underWay = 0;
  /** Calls off what waits for its place in the line of its connection: nothing else is begun meanwhile. */
  #cancelTurn: (() => void) | undefined;
  /** Calls off the wait for more events that could go with those that are ready. */
  #cancelJoin: (() => void) | undefined;
  #mayProbe = false;
  #isStopped = false;
  #isAbandoned = false;
  readonly #idle = Promise.withResolvers<void>();

  constructor(options: TrafficOptions) {
    const { clock, random } = options;
    this.#options = options;
    this.#breaker = new Breaker({ clock, random, onProbe: () => this.#probe() });
    this.#waiting = new DueList(clock, (due) => {
      for (const delivery of due) this.#ready.push(delivery);
      this.pump();
    });
  }

  /** Why nothing is sent; undefined when it is. */
  get trouble(): Trouble | undefined {
    return this.#breaker.trouble;
  }

  /** A clock that stands still while nothing is sent, in milliseconds. */
  activeMs(): number {
    return this.#breaker.activeMs();
  }

  /** Lets a delivery join the line of its user; call `pump` when all are in. Call it in log order. */
  add(delivery: Delivery, waitMs = 0): void {
    const { batch, clock } = this.#options;
    if (batch !== undefined) delivery.since = clock.monotonic();
    if (delivery.letter === undefined) {
      const before = this.#lastOf.get(delivery.orderKey);
      this.#lastOf.set(delivery.orderKey, delivery);
      if (before !== undefined) {
        before.following = delivery;
        if (before.isHeld && !delivery.isHeld) this.#hold(delivery, 0);
        return;
      }
    }
    delivery.isFirst = true;
    if (waitMs > 0) this.#waiting.add(delivery, waitMs);
    else this.#ready.push(delivery);
  }

  /** Begins what may begin. */
  pump(): void {
    if (this.#mayProbe) return this.#probe();
    while (this.#mayBegin() && this.#underWay < this.#options.concurrency) {
      const next = this.#ready.peek();
      if (next === undefined || this.#waitsForMore(next)) return;
      const group = gather(this.#ready, this.#options);
      if (group.length > 0) this.#beginInTurn(group);
    }
    if (this.#isQuiet()) this.#breaker.probeLater();
  }

  /** Takes the first delivery of a user out: the next one has its turn. */
  leave(delivery: Delivery): void {
    const { following, orderKey } = delivery;
    delivery.following = undefined;
    if (this.#lastOf.get(orderKey) === delivery) this.#lastOf.delete(orderKey);
    if (following === undefined) return;
    following.isFirst = true;
    if (!following.isUnderWay) this.#ready.push(following);
  }

  /** Waits as a row from now on, although it may be under way: the position has to pass it. */
  passBy(delivery: Delivery): void {
    this.#hold(delivery, 0);
  }

  /** An event was planned; or could not be, by an error of our own, for this reason. */
  planned(ownError: string | undefined): void {
    if (this.#breaker.planned(ownError !== undefined)) this.#stand(ownError ?? '');
  }

  /** What a delivery of this lane, which is not settled, waits for. */
  waitsFor(delivery: Delivery): Waiting {
    const dueInMs = this.#waiting.dueIn(delivery);
    const { attempts, failure, isUnderWay, isFirst } = delivery;
    const turn = this.trouble ?? 'turn';
    const state = isUnderWay ? 'underWay' : !isFirst ? 'behind' : dueInMs === undefined ? turn : 'retry';
    return { state, attempts, dueInMs, reason: failure?.reason };
  }

  /** Begins nothing more; resolves when nothing is under way. */
  stop(): Promise<void> {
    this.#isStopped = true;
    this.#breaker.stop();
    this.#waiting.stop();
    this.#cancelTurn?.();
    this.#cancelJoin?.();
    if (this.#underWay === 0) this.#idle.resolve();
    return this.#idle.promise;
  }

  /** What is still under way counts no more, as if the process had died. */
  abandon(): void {
    this.#isAbandoned = true;
    void this.stop();
  }

  #mayBegin(): boolean {
    return this.trouble === undefined && this.#cancelTurn === undefined && !this.#isStopped;
  }

  /** Whether nothing is under way, or about to be. */
  #isQuiet(): boolean {
    return this.#underWay === 0 && this.#cancelTurn === undefined && !this.#isStopped;
  }

  /** Whether a request that would not be full is to wait for more events: then it will not for ever. */
  #waitsForMore(next: Delivery): boolean {
    const { batch, clock } = this.#options;
    if (batch === undefined || this.#ready.size >= batch.eventsMax) return false;
    const left = next.since + batch.waitMs - clock.monotonic();
    if (left <= 0) return false;
    this.#cancelJoin ??= clock.after(left, () => {
      this.#cancelJoin = undefined;
      this.pump();
    });
    return true;
  }

  /** Begins the attempt as soon as the rate of its connection allows. */
  #beginInTurn(group: readonly Delivery[], isProbe = false): void {
    const { rate, clock, shipping } = this.#options;
    for (const delivery of group) delivery.isUnderWay = true;
    const wait = rate?.reserve(shipping.requestsFor(group)) ?? 0;
    if (wait === 0) return this.#begin(group, isProbe);
    this.#cancelTurn = clock.after(wait, () => {
      this.#cancelTurn = undefined;
      this.#begin(group, isProbe);
      this.pump();
    });
  }

  #begin(group: readonly Delivery[], isProbe: boolean): void {
    // While the group was put together, or waited for its turn, the lane may have come to wait.
    if (this.trouble !== undefined && !isProbe) {
      for (const delivery of group) this.#putBack(delivery);
      return;
    }
    for (const delivery of group) {
      delivery.attempts += 1;
      delivery.firstAt ??= this.activeMs();
    }
    this.#underWay += 1;
    this.#options.shipping.ship(group, (attempted) => {
      if (this.#isAbandoned) return;
      this.#underWay -= 1;
      this.#count(attempted);
      for (const each of attempted) this.#conclude(each);
      this.pump();
      if (this.#isStopped && this.#underWay === 0) this.#idle.resolve();
    });
  }

  /** What an attempt says of the destination: once, however many events went together. */
  #count(attempted: readonly Attempted[]): void {
    const { outage } = this.#options;
    if (attempted.some(({ failure, hasTaken, isSplit }) => !isSplit && (failure === undefined || hasTaken))) {
      outage?.worked();
      if (this.#breaker.succeeded()) this.#goOn();
      return;
    }
    const failed = attempted.find(({ failure }) => failure !== undefined);
    // Where another of its receivers has taken the event, the pipeline as a whole works.
    if (failed?.failure === undefined || failed.delivery.answered.length > 0) return;
    const { delivery, failure, isRefused } = failed;
    const isOpened = isRefused
      ? this.#isRefused(delivery)
      : this.#breaker.failed(delivery.orderKey, pauseOf(failure));
    outage?.failed(failure.reason, this.trouble === 'refused');
    if (isOpened) this.#stand(failure.reason);
  }

  /** Whether the pipeline itself is refused, and not this event alone: then others have been taken since it was last. */
  #isRefused(delivery: Delivery): boolean {
    const { successes } = this.#breaker;
    const isItsOwn = delivery.refusedAfter !== undefined && delivery.refusedAfter < successes;
    delivery.refusedAfter = successes;
    return !isItsOwn && this.#breaker.refused(delivery.orderKey);
  }

  #conclude({ delivery, again, failure, isSplit }: Attempted): void {
    delivery.requests = again;
    delivery.failure = failure;
    if (isSplit) {
      delivery.goesAlone = true;
      return this.#tryAgain(delivery);
    }
    delivery.isUnderWay = false;
    if (failure === undefined) return this.#finish(delivery, delivery.refusal);
    const retryAfterMs = pauseOf(failure);
    if (this.trouble !== undefined) this.#options.failed('paused');
    if (!delivery.isFirst || this.trouble !== undefined) return this.#tryAgain(delivery);
    const tries = { made: delivery.attempts, elapsedMs: delivery.elapsedMs(this.activeMs()), retryAfterMs };
    const wait = nextWaitMs(tries, this.#options.random);
    if (wait === undefined)
      return this.#finish(delivery, { ...failure, reason: `given up: ${failure.reason}` });
    this.#options.failed('retried');
    this.#hold(delivery, wait);
    for (let { following } = delivery; following !== undefined; { following } = following)
      if (!following.isHeld) this.#hold(following, 0);
    if (!this.#isStopped) this.#waiting.add(delivery, wait);
  }

  /**
   * An attempt that does not count: the lane waits by now; or it went along with an earlier event of its user, behind
   * which it waits again; or it was refused together with others, of which only some may be at fault.
   */
  #tryAgain(delivery: Delivery): void {
    delivery.attempts -= 1;
    // Who has taken it is not to get it again, when the lane is stopped before the others have.
    if (delivery.answered.length > 0) this.#hold(delivery, 0);
    this.#putBack(delivery);
  }

  #putBack(delivery: Delivery): void {
    delivery.isUnderWay = false;
    if (delivery.isHeld) delivery.unload();
    if (delivery.isFirst) this.#ready.push(delivery);
  }

  #finish(delivery: Delivery, failure: Failed | undefined): void {
    this.leave(delivery);
    this.#options.settled(delivery, failure);
  }

  #hold(delivery: Delivery, waitMs: number): void {
    this.#options.held(delivery, waitMs);
    if (!delivery.isUnderWay) delivery.unload();
  }

  /** While the lane waits, tries one event; once there is one. */
  #probe(): void {
    this.#mayProbe = true;
    while (this.#isQuiet()) {
      const delivery = this.#ready.shift() ?? this.#waiting.takeFirst();
      if (delivery === undefined) return;
      const readiness = this.#options.prepare(delivery);
      if (readiness === 'settled') continue;
      this.#mayProbe = false;
      if (readiness === 'ready') return this.#beginInTurn([delivery], true);
      this.#ready.push(delivery);
      return;
    }
  }

  /** The lane waits from now on. What waits for its time gets no older, in a later life of the process either. */
  #stand(reason: string): void {
    this.#options.changed(this.trouble, reason);
    for (const delivery of this.#waiting.all()) this.#hold(delivery, 0);
  }

  /** The destination works again: whatever waits for its time need not. */
  #goOn(): void {
    this.#mayProbe = false;
    for (const delivery of this.#waiting.takeAll()) this.#ready.push(delivery);
    this.#options.changed(undefined, '');
  }
}

/** How long the receiver wants to be left alone, in milliseconds. */
function pauseOf(failure: Failed): number | undefined {
  return failure.kind === 'retry' ? failure.retryAfterMs : undefined;
}
