import type { OutgoingRequest } from '@metarouter/destinations';
import type { Outcome } from '../../delivery/outcome.ts';
import type { Position } from '../../log/event-log.ts';
import type { Parcel } from '../parcel.ts';
import type { ExceptionRow } from '../state/rows.ts';
import { Entry } from './window.ts';

/** An outcome that is not delivered. */
export type Failed = Exclude<Outcome, { kind: 'delivered' }>;

/** An event on its way to the destination of one lane. */
export class Delivery extends Entry {
  readonly messageId: string;
  readonly orderKey: string;
  /** The content; undefined while it waits as a row: then it is read again when its turn comes. */
  parcel: Parcel | undefined;
  /** What has not been answered for good; undefined until it is planned. */
  requests: readonly OutgoingRequest[] | undefined;
  /** Those of its requests that were answered for good, by key. */
  answered: readonly string[] = [];
  attempts = 0;
  /** How long it was tried in earlier lives of the process, in milliseconds. */
  elapsedBefore = 0;
  /** When the first attempt of this life began, on the breaker's clock. */
  firstAt: number | undefined;
  /** Why the last attempt failed, or why it waits. */
  failure: Failed | undefined;
  /** Why one of its requests was refused for good. */
  refusal: Failed | undefined;
  /** The next event of the same user, which waits until this one is settled. */
  following: Delivery | undefined;
  isUnderWay = false;
  /** Whether it was refused together with others: then it is tried by itself, so that only what is at fault is given up. */
  goesAlone = false;
  /** Whether no earlier event of its user is unsettled. */
  isFirst = false;
  /** The dead letter that it delivers once more. */
  letter: ExceptionRow | undefined;

  constructor(
    place: { readonly position: Position; readonly sequence: number },
    who: { readonly messageId: string; readonly orderKey: string },
    parcel: Parcel | undefined,
  ) {
    super(place.position, place.sequence, parcel?.weight ?? 0);
    this.messageId = who.messageId;
    this.orderKey = who.orderKey;
    this.parcel = parcel;
  }

  /** As its row remembers it from an earlier life. */
  static fromRow(row: ExceptionRow): Delivery {
    const who = { messageId: row.messageId ?? '', orderKey: row.orderKey ?? '' };
    const delivery = new Delivery(row, who, undefined);
    delivery.row = row;
    delivery.attempts = row.attempts;
    delivery.elapsedBefore = row.elapsedMs;
    delivery.answered = row.answered;
    if (row.state === 'queued') delivery.letter = row;
    return delivery;
  }

  /** How long it has been tried by now, in milliseconds. */
  elapsedMs(now: number): number {
    return this.elapsedBefore + (this.firstAt === undefined ? 0 : now - this.firstAt);
  }

  /** Forgets the content: it waits as a row. */
  unload(): void {
    this.parcel = undefined;
    this.requests = undefined;
  }
}
