import type { Outcomes } from '@metarouter/destinations';
import { type Outcome, outcomeOf } from '../../delivery/outcome.ts';
import type { Channel, Sender, Shipment } from '../../delivery/sender.ts';
import type { VirtualClock } from '../../platform/virtual-clock.ts';
import type { Dice } from './dice.ts';
import { numbersIn } from './simulated-client.ts';

/** One request that reached a receiver. */
export interface Arrival {
  /** How many came before it. */
  readonly index: number;
  /** In milliseconds since the simulation began. */
  readonly at: number;
  /** Counted over all lives: a channel begins with the pipeline's settings, and ends with them or with the process. */
  readonly channel: number;
  readonly life: number;
  readonly pipeline: string;
  readonly url: string;
  readonly isReplay: boolean;
  readonly key: string;
  /** The events in it. */
  readonly numbers: readonly number[];
  /** Whether the receiver took them. */
  readonly isTaken: boolean;
  /** What the sender was told; undefined when it was killed before. */
  outcome: Outcome | undefined;
}

/** The life that a sender belongs to. */
export interface SenderLife {
  readonly number: number;
  readonly clock: VirtualClock;
  readonly startedAt: number;
  readonly isAlive: boolean;
  /** Whether nothing can be noted at present, for want of room. */
  readonly isDiskFull: boolean;
}

type Mode =
  | 'healthy'
  | 'slow'
  | 'flaky'
  | 'limited'
  | 'down'
  | 'hanging'
  | 'picky'
  | 'unauthorized'
  | 'lossy';

interface Answer {
  readonly status: number | undefined;
  readonly afterMs: number;
  readonly isTaken?: boolean;
  readonly retryAfter?: string;
}

/** How long the sender waits for an answer at most. */
const ATTEMPT_TIMEOUT_MS = 15_000;
const LOST: Outcome = { kind: 'retry', reason: 'no answer' };
const BROKEN_OFF: Outcome = { kind: 'retry', reason: 'broken off: the pipeline stops or changes' };
const MODES: readonly Mode[] = [
  'slow',
  'flaky',
  'limited',
  'down',
  'hanging',
  'picky',
  'unauthorized',
  'lossy',
];
const MODE_MS = { least: 500, most: 3 * 3_600_000 };

/** All receivers: each in a mood of its own that changes with time, until they are healed. They keep what they got. */
export class SimulatedReceivers {
  readonly arrivals: Arrival[] = [];
  readonly #listeners: ((arrival: Arrival) => void)[] = [];
  readonly #dice: Dice;
  readonly #healthyPart: number;
  readonly #receivers = new Map<string, Receiver>();
  /** What waits for its answer, by channel. */
  readonly #underWay: Set<Arrival>[] = [];
  readonly #closedCleanly = new Set<number>();
  #isHealed = false;

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#healthyPart = dice.pick([0.1, 0.5, 0.9]);
  }

  /** Calls it when a request arrives, before it is answered. */
  onArrival(listener: (arrival: Arrival) => void): void {
    this.#listeners.push(listener);
  }

  /** From now on everybody takes everything. */
  heal(): void {
    this.#isHealed = true;
  }

  /** The sender of one life of the process. */
  sender(life: SenderLife): Sender {
    return { open: (_connections, outcomes) => this.#open(life, outcomes) };
  }

  /** The channels that were closed when everything was answered and could be noted. */
  get closedCleanly(): ReadonlySet<number> {
    return this.#closedCleanly;
  }

  /** What waits for its answer. */
  underWay(channel: number): readonly Arrival[] {
    return [...(this.#underWay[channel] ?? [])];
  }

  #open(life: SenderLife, outcomes: Outcomes): Channel {
    const cleanly = this.#closedCleanly;
    const waiting = new Set<Arrival>();
    const channel = this.#underWay.push(waiting) - 1;
    const underWay = new Set<(outcome: Outcome) => void>();
    let isClosed = false;
    return {
      send: (shipment) =>
        new Promise((resolve) => {
          if (!life.isAlive) return;
          if (isClosed) return resolve(BROKEN_OFF);
          const at = life.startedAt + life.clock.monotonic();
          const answer = this.#answer(shipment, at);
          const { status, afterMs, isTaken = false, retryAfter } = answer;
          const arrival = this.#note(shipment, waiting, { at, channel, life: life.number, isTaken });
          const settle = (outcome: Outcome) => {
            if (!underWay.delete(settle) || !life.isAlive) return;
            arrival.outcome = outcome;
            waiting.delete(arrival);
            resolve(outcome);
          };
          underWay.add(settle);
          life.clock.after(afterMs, () => {
            const now = life.clock.now();
            settle(
              status === undefined ? LOST : outcomeOf({ status, retryAfter, answer: '' }, now, outcomes),
            );
          });
        }),
      async close() {
        isClosed = true;
        if (waiting.size === 0 && life.isAlive && !life.isDiskFull) cleanly.add(channel);
        for (const settle of [...underWay]) settle(BROKEN_OFF);
      },
    };
  }

  #note(
    { request, idempotencyKey: key, replay, body }: Shipment,
    waiting: Set<Arrival>,
    about: Pick<Arrival, 'at' | 'channel' | 'life' | 'isTaken'>,
  ): Arrival {
    const numbers = numbersIn(Buffer.from(body).toString());
    const pipeline = key.slice(0, key.indexOf(':'));
    const url = new URL(request.url).origin;
    const index = this.arrivals.length;
    const arrival: Arrival = {
      index,
      ...about,
      pipeline,
      url,
      isReplay: replay,
      key,
      numbers,
      outcome: undefined,
    };
    this.arrivals.push(arrival);
    waiting.add(arrival);
    for (const listener of this.#listeners) listener(arrival);
    return arrival;
  }

  #answer({ request, body }: Shipment, at: number): Answer {
    if (this.#isHealed) return { status: 200, afterMs: 5, isTaken: true };
    const { origin } = new URL(request.url);
    const receiver = this.#receivers.get(origin) ?? new Receiver(this.#dice.more(), this.#healthyPart);
    this.#receivers.set(origin, receiver);
    return receiver.answer(Buffer.from(body).toString(), at);
  }
}

class Receiver {
  readonly #dice: Dice;
  readonly #healthyPart: number;
  #mode: Mode = 'healthy';
  #until = 0;
  /** Every so many users' events fail always; 0 for none. */
  readonly #stubborn: number;

  constructor(dice: Dice, healthyPart: number) {
    this.#dice = dice;
    this.#healthyPart = healthyPart;
    this.#stubborn = dice.pick([0, 0, 5, 12]);
  }

  answer(body: string, at: number): Answer {
    const dice = this.#dice;
    while (at >= this.#until) {
      this.#mode = dice.chance(this.#healthyPart) ? 'healthy' : dice.pick(MODES);
      this.#until += dice.magnitude(MODE_MS.least, MODE_MS.most);
    }
    const taken = { status: 200, afterMs: dice.magnitude(1, 100), isTaken: true };
    const fails = { status: dice.pick([500, 503]), afterMs: dice.magnitude(1, 100) };
    if (this.#stubborn > 0 && isOfStubborn(body, this.#stubborn)) return fails;
    switch (this.#mode) {
      case 'healthy':
        return taken;
      case 'slow':
        return { ...taken, afterMs: dice.magnitude(500, 14_000) };
      case 'flaky':
        return dice.chance(0.4) ? fails : taken;
      case 'limited':
        return dice.chance(0.5) ? taken : { ...fails, status: 429, retryAfter: `${dice.whole(0, 600)}` };
      case 'down':
        return fails;
      case 'hanging':
        return { status: undefined, afterMs: ATTEMPT_TIMEOUT_MS };
      case 'picky':
        return numbersIn(body).some((number) => number % 5 === 0)
          ? { ...fails, status: dice.pick([400, 422]) }
          : taken;
      case 'unauthorized':
        return { ...fails, status: 401 };
      case 'lossy':
        return dice.chance(0.3) ? { ...taken, status: undefined } : taken;
    }
  }
}

function isOfStubborn(body: string, every: number): boolean {
  const user = /u(\d+)"/.exec(body)?.[1];
  return user !== undefined && Number(user) % every === 0;
}
