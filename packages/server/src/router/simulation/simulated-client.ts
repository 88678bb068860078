import type { NewRecord } from '../../log/event-log.ts';
import type { Dice } from './dice.ts';

/** Why an event is not for everybody; `poison` is no event at all. */
export type Flavour = 'plain' | 'noise' | 'unwanted' | 'bundled' | 'poison';

/** An event as its client made it. */
export interface MadeEvent {
  /** Different for each event, also for those that repeat a message id; stands in what receivers get. */
  readonly number: number;
  readonly source: string;
  readonly user: string;
  readonly messageId: string;
  readonly flavour: Flavour;
}

/** The part of the events that repeat the message id of one of the last so many of their source. */
const REPEATS_PART = 0.12;
const REPEATS_OF_LAST = 60;
/** When everything happened, as events say it: nothing here depends on it. */
const TIMESTAMP = '2026-01-01T00:00:00.000Z';
/** What is no JSON, and what is no event. */
const POISON = ['{"type":', 'null', '{"type":"track"}'];

/** Everything that sends events. */
export class SimulatedClient {
  readonly #dice: Dice;
  readonly #users: number;
  /** In the order they were made in: an event's place is its number. */
  readonly made: MadeEvent[] = [];

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#users = dice.pick([2, 6, 30, 200]);
  }

  /** An event of a source, received now. */
  event(source: string, now: number): NewRecord {
    const dice = this.#dice;
    const number = this.made.length;
    const recent = this.made.slice(-REPEATS_OF_LAST).filter((event) => event.source === source);
    const isRepeat = recent.length > 0 && dice.chance(REPEATS_PART);
    const messageId = isRepeat ? dice.pick(recent).messageId : `m${number}`;
    const user = `u${dice.whole(1, this.#users)}`;
    const draw = dice.random();
    const flavour =
      draw < 0.8
        ? 'plain'
        : draw < 0.9
          ? 'noise'
          : draw < 0.94
            ? 'unwanted'
            : draw < 0.98
              ? 'bundled'
              : 'poison';
    this.made.push({ number, source, user, messageId, flavour });
    const receivedAt = now;
    const text = flavour === 'poison' ? dice.pick(POISON) : this.#json(number);
    return { source, orderKey: user, messageId, receivedAt, pieces: [text] };
  }

  #json(number: number): string {
    const { messageId, user, flavour } = this.made[number] ?? { messageId: '', user: '', flavour: 'plain' };
    return JSON.stringify({
      type: 'track',
      event: flavour === 'noise' ? 'noise' : 'order',
      messageId,
      userId: user,
      timestamp: TIMESTAMP,
      receivedAt: TIMESTAMP,
      properties: { number },
      ...(flavour === 'unwanted' ? { integrations: { All: false } } : {}),
      ...(flavour === 'bundled' ? { _metadata: { bundled: ['Webhooks', 'Customer.io'] } } : {}),
    });
  }
}

/** The numbers of the events in what a receiver got. */
export function numbersIn(body: string): readonly number[] {
  return Array.from(body.matchAll(/"number":(\d+)/g), ([, digits]) => Number(digits));
}
