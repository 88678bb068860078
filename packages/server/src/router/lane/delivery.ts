import type { OutgoingRequest } from '@metarouter/destinations';
import type { Outcome } from '../../delivery/outcome.ts';
import type { Position } from '../../log/event-log.ts';
import type { Parcel } from '../parcel.ts';
import type { ExceptionRow, ExceptionState } from '../state/rows.ts';
import { Entry } from './window.ts';

/** An outcome that is not delivered. */
export type Failed = Exclude<Outcome, { kind: 'delivered' }>;

/** What time it is. */
export interface Times {
  /** In milliseconds since 1970. */
  readonly now: number;
  /** On the clock that stands still while the lane waits, in milliseconds. */
  readonly activeMs: number;
}

/** What getting a delivery ready to be sent came to. */
export type Readiness =
  | 'ready'
  /** There is nothing to send: it is settled by now. */
  | 'settled'
  /** An error of our own is in the way, which keeps the lane waiting. */
  | 'broken';

/** An event on its way to the destination of one lane. */
export class Delivery extends Entry {
  readonly messageId: string;
  readonly orderKey: string;
  /** The row of the dead letter that it delivers once more. */
  readonly letter: number | undefined;
  /** The content; undefined while it waits as a row: then it is read again when its turn comes. */
  parcel: Parcel | undefined;
  /** What has not been answered for good; undefined until it is planned. */
  requests: readonly OutgoingRequest[] | undefined;
  /** Those of its requests that were answered with success, by key. */
  answered: readonly string[] = [];
  /** Those that were refused for good; a later life of the process finds that out again. */
  refused: readonly string[] = [];
  /** Why the last of them was. */
  refusal: Failed | undefined;
  attempts = 0;
  /** How long it was tried in earlier lives of the process, in milliseconds. */
  elapsedBefore = 0;
  /** Since when it is tried in this life, on the clock that stands still while the lane waits. */
  firstAt: number | undefined;
  /** Why the last attempt failed, or why it waits. */
  failure: Failed | undefined;
  /** The next event of the same user, which waits until this one is settled. */
  following: Delivery | undefined;
  /** Whether it has been taken for an attempt, so that it needs its content. */
  isUnderWay = false;
  /** How many attempts of the lane had succeeded when this event was refused last as if the pipeline were wrong. */
  refusedAfter: number | undefined;
  /** Whether it was refused together with others: then it is tried by itself, so that only what is at fault is given up. */
  goesAlone = false;
  /** Whether no earlier event of its user is unsettled. */
  isFirst = false;
  /** Since when it is here, on the clock that only grows; noted only where events go together. */
  since = 0;

  constructor(
    place: { readonly position: Position; readonly sequence: number },
    who: { readonly messageId: string; readonly orderKey: string },
    parcel?: Parcel,
    letter?: number,
  ) {
    super(place.position, place.sequence, parcel?.weight ?? 0, parcel?.slot ?? 0);
    this.messageId = who.messageId;
    this.orderKey = who.orderKey;
    this.parcel = parcel;
    this.letter = letter;
  }

  /** As its row remembers it from an earlier life. The time that it waited since then counts, as far as it had to wait. */
  static fromRow(row: ExceptionRow, times: Times): Delivery {
    const who = { messageId: row.messageId ?? '', orderKey: row.orderKey ?? '' };
    const delivery = new Delivery(row, who, undefined, row.state === 'queued' ? row.id : undefined);
    delivery.row = row;
    delivery.slot = row.slot;
    delivery.attempts = row.attempts;
    delivery.answered = row.answered;
    delivery.elapsedBefore = row.elapsedMs + row.waitMs - leftMs(row, times.now);
    if (row.attempts > 0) delivery.firstAt = times.activeMs;
    return delivery;
  }

  /** As its row is to remember it. */
  toRow(
    id: number,
    state: ExceptionState,
    times: Times,
    failure: Failed | undefined,
    waitMs: number,
  ): ExceptionRow {
    const { position, sequence, slot, messageId, orderKey, attempts, answered } = this;
    return {
      id,
      state,
      position,
      sequence,
      slot,
      count: 1,
      messageId,
      orderKey,
      reason: failure?.reason ?? '',
      status: failure?.status,
      answer: failure?.answer,
      attempts,
      at: times.now,
      elapsedMs: this.elapsedMs(times.activeMs),
      waitMs,
      answered,
      event: state === 'dead' ? this.parcel?.bytes : undefined,
    };
  }

  /** How long it has been tried by now, in milliseconds. */
  elapsedMs(activeMs: number): number {
    return this.elapsedBefore + (this.firstAt === undefined ? 0 : activeMs - this.firstAt);
  }

  /** Takes the content, which was read again. */
  load(parcel: Parcel): void {
    this.parcel = parcel;
    // Only rows of an older version do not say where it is counted.
    if (this.slot === 0) this.slot = parcel.slot;
  }

  /** Forgets the content: it waits as a row. */
  unload(): void {
    this.parcel = undefined;
    this.requests = undefined;
  }
}

/**
 * How long a row's event has still to wait, in milliseconds. The clock may have been set meanwhile: it never waits longer
 * than it had to in the first place.
 */
export function leftMs({ waitMs, at }: ExceptionRow, now: number): number {
  return Math.min(Math.max(waitMs - (now - at), 0), waitMs);
}
