import type { LogReader } from '../../log/event-log.ts';
import { type Flavour, type MadeEvent, numbersIn } from './simulated-client.ts';

/** An event that the log has, and what is to become of it wherever it goes. */
export interface AcceptedEvent {
  readonly position: number;
  readonly sequence: number;
  readonly source: string;
  readonly user: string;
  readonly messageId: string;
  readonly receivedAt: number;
  /** Undefined for what is no event. */
  readonly number: number | undefined;
  readonly flavour: Flavour;
  /** Whether the same message id was routed within the window. */
  readonly isRepeat: boolean;
}

/** What a crash left in the place of an event that was never acknowledged. */
const HOLE: AcceptedEvent = {
  position: 0,
  sequence: 0,
  source: '',
  user: '',
  messageId: '',
  receivedAt: 0,
  number: undefined,
  flavour: 'poison',
  isRepeat: false,
};

/** What the log has accepted, acknowledged or not: read from it each time that it has grown. */
export class Accepted {
  readonly events: AcceptedEvent[] = [];
  readonly #made: readonly MadeEvent[];
  readonly #windowMs: number;
  readonly #routedAt = new Map<string, number>();
  readonly #byNumber = new Map<number, AcceptedEvent>();

  constructor(made: readonly MadeEvent[], windowMs: number) {
    this.#made = made;
    this.#windowMs = windowMs;
  }

  /** Takes over what is new. */
  catchUp(log: LogReader): void {
    for (let position = this.events.length; position < log.head(0); position += 1) {
      const record = log.at(0, position);
      if (record === undefined) {
        this.events.push({ ...HOLE, position });
        continue;
      }
      const { sequence, source, orderKey: user, messageId, receivedAt } = record;
      const [number] = numbersIn(Buffer.from(record.bytes).toString());
      const flavour = number === undefined ? 'poison' : (this.#made[number]?.flavour ?? 'plain');
      const key = `${source} ${messageId}`;
      const last = this.#routedAt.get(key);
      const isRepeat = last !== undefined && Math.abs(receivedAt - last) < this.#windowMs;
      if (!isRepeat) this.#routedAt.set(key, receivedAt);
      const event = { position, sequence, source, user, messageId, receivedAt, number, flavour, isRepeat };
      this.events.push(event);
      if (number !== undefined) this.#byNumber.set(number, event);
    }
  }

  /** The event with this number. Throws when the log never had it. */
  numbered(number: number): AcceptedEvent {
    const event = this.#byNumber.get(number);
    if (event === undefined) throw new Error(`no event ${number} was ever accepted`);
    return event;
  }

  /** A source's events after one sequence and up to another. */
  between(source: string | undefined, after: number, last: number): readonly AcceptedEvent[] {
    return this.events.filter(
      (event) => event.source === source && event.sequence > after && event.sequence <= last,
    );
  }

  /** The last sequence of a source. */
  count(source: string): number {
    return this.events.findLast((event) => event.source === source)?.sequence ?? 0;
  }
}
