import type { Batch } from '@metarouter/destinations';
import type { Clock, Random } from '../../platform/clock.ts';
import { Breaker, type Trouble } from './breaker.ts';
import type { Delivery, Failed } from './delivery.ts';
import { DueList } from './due-list.ts';
import { gather } from './gather.ts';
import { Queue } from './queue.ts';
import type { RateLimit } from './rate-limit.ts';
import { nextWaitMs } from './retry.ts';
import type { Attempted, Shipping } from './shipping.ts';

/** What getting a delivery ready to be sent came to. */
export type Readiness =
  | 'ready'
  /** There is nothing to send: it is settled by now. */
  | 'settled'
  /** An error of our own is in the way, which keeps the lane waiting. */
  | 'broken';

export interface TrafficOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly shipping: Shipping;
  readonly rate: RateLimit | undefined;
  readonly batch: Batch | undefined;
  /** Attempts under way at the same time. */
  readonly concurrency: number;
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
  readonly breaker: Breaker;
  /** The last unsettled delivery of each user. */
  readonly #lastOf = new Map<string, Delivery>();
  /** The first unsettled ones of their users, whose turn it is. */
  readonly #ready = new Queue<Delivery>();
  readonly #waiting: DueList<Delivery>;
  #underWay = 0;
  /** Calls off what the next attempt waits for: its turn, or more events to go with it. */
  #cancelWait: (() => void) | undefined;
  #isFilled = false;
  #mayProbe = false;
  #isStopped = false;
  #onIdle: () => void = () => {};

  constructor(options: TrafficOptions) {
    const { clock, random } = options;
    this.#options = options;
    this.breaker = new Breaker({ clock, random, onProbe: () => this.#probe() });
    this.#waiting = new DueList(clock, (due) => {
      for (const delivery of due) this.#ready.push(delivery);
      this.pump();
    });
  }

  /** Lets a delivery join the line of its user; call `pump` when all are in. Call it in log order. */
  add(delivery: Delivery, waitMs = 0): void {
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
    const { concurrency } = this.#options;
    if (this.#mayProbe) return this.#probe();
    while (this.#mayBegin() && this.#underWay < concurrency) {
      if (this.#ready.size === 0 || this.#waitsForMore()) return;
      const group = gather(this.#ready, this.#options);
      if (group.length > 0) this.#beginInTurn(group);
    }
    if (this.#underWay === 0 && !this.#isStopped) this.breaker.probeLater();
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

  /** What a delivery of this lane, which is not settled, waits for. */
  waitsFor(delivery: Delivery): Waiting {
    const dueInMs = this.#waiting.dueIn(delivery);
    const { attempts, failure, isUnderWay, isFirst } = delivery;
    const turn = this.breaker.trouble ?? 'turn';
    const state = isUnderWay ? 'underWay' : !isFirst ? 'behind' : dueInMs === undefined ? turn : 'retry';
    return { state, attempts, dueInMs, reason: failure?.reason };
  }

  /** Begins nothing more; resolves when nothing is under way. */
  stop(): Promise<void> {
    this.#isStopped = true;
    this.breaker.stop();
    this.#waiting.stop();
    this.#cancelWait?.();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      if (this.#underWay === 0) resolve();
    });
  }

  #mayBegin(): boolean {
    return this.breaker.trouble === undefined && this.#cancelWait === undefined && !this.#isStopped;
  }

  /** Whether a request that is not full is to wait for more events: then it will not for ever. */
  #waitsForMore(): boolean {
    const { batch, clock } = this.#options;
    if (batch === undefined || batch.waitMs === 0 || this.#isFilled) return false;
    if (this.#ready.size >= batch.eventsMax) return false;
    this.#waitUntil(clock, batch.waitMs, () => {
      this.#isFilled = true;
    });
    return true;
  }

  /** Begins the attempt as soon as the rate of its connection allows. */
  #beginInTurn(group: readonly Delivery[]): void {
    const { rate, clock, shipping } = this.#options;
    this.#isFilled = false;
    const begin = () => {
      if (this.breaker.trouble === undefined) this.#begin(group);
      else for (const delivery of group) if (delivery.isFirst) this.#ready.push(delivery);
    };
    const wait = rate?.reserve(shipping.requestsFor(group)) ?? 0;
    if (wait === 0) begin();
    else this.#waitUntil(clock, wait, begin);
  }

  /** Nothing begins before the time is over; then `task`, and whatever may begin. */
  #waitUntil(clock: Clock, ms: number, task: () => void): void {
    this.#cancelWait = clock.after(ms, () => {
      this.#cancelWait = undefined;
      task();
      this.pump();
    });
  }

  #begin(group: readonly Delivery[]): void {
    for (const delivery of group) {
      delivery.isUnderWay = true;
      delivery.attempts += 1;
      delivery.firstAt ??= this.breaker.activeMs();
    }
    this.#underWay += 1;
    this.#options.shipping.ship(group, (attempted) => {
      this.#underWay -= 1;
      for (const each of attempted) this.#conclude(each);
      this.pump();
      if (this.#underWay === 0) this.#onIdle();
    });
  }

  #conclude({ delivery, again, failure, isRefused, isSplit }: Attempted): void {
    delivery.isUnderWay = false;
    delivery.requests = again;
    delivery.failure = failure;
    if (isSplit) {
      delivery.goesAlone = true;
      return this.#putBack(delivery);
    }
    if (failure === undefined) {
      if (this.breaker.succeeded()) this.#goOn();
      return this.#finish(delivery, delivery.refusal);
    }
    const isOpened = isRefused
      ? this.breaker.refused()
      : this.breaker.failed(delivery.orderKey, failure.kind === 'retry' ? failure.retryAfterMs : undefined);
    const { trouble } = this.breaker;
    if (isOpened) this.#options.changed(trouble, failure.reason);
    if (!delivery.isFirst || trouble !== undefined) return this.#putBack(delivery);
    const wait = nextWaitMs(
      {
        made: delivery.attempts,
        elapsedMs: delivery.elapsedMs(this.breaker.activeMs()),
        retryAfterMs: failure.kind === 'retry' ? failure.retryAfterMs : undefined,
      },
      this.#options.random,
    );
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
  #putBack(delivery: Delivery): void {
    delivery.attempts -= 1;
    if (delivery.isHeld) delivery.unload();
    if (!delivery.isFirst) return;
    if (this.breaker.trouble !== undefined) this.#options.failed('paused');
    this.#ready.push(delivery);
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
    if (this.#underWay > 0 || this.#isStopped) return;
    for (;;) {
      const delivery = this.#ready.shift() ?? this.#waiting.takeFirst();
      if (delivery === undefined) return;
      const readiness = this.#options.prepare(delivery);
      if (readiness === 'settled') continue;
      this.#mayProbe = false;
      if (readiness === 'ready') return this.#begin([delivery]);
      this.#ready.push(delivery);
      return this.breaker.probeLater();
    }
  }

  /** The destination works again: whatever waits for its time need not. */
  #goOn(): void {
    this.#mayProbe = false;
    for (const delivery of this.#waiting.takeAll()) this.#ready.push(delivery);
    this.#options.changed(undefined, '');
  }
}
