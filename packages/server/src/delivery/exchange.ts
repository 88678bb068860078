import type { Outcomes } from '@metarouter/destinations';
import type { Clock } from '../platform/clock.ts';
import { RefusedAddress } from './address-guard.ts';
import { LookupGivenUp } from './lookup-places.ts';
import { NoAnswer } from './no-answer.ts';
import { type Answered, type Outcome, outcomeOf } from './outcome.ts';
import { UnwritableRequest } from './request-text.ts';

/** Nobody reads a longer answer; what comes after is not waited for. */
const ANSWER_BYTES_MAX = 64 * 1_024;
/** The same for an answer that speaks of many events one by one: 500 of them with an error each take some 125 KB. */
const WHOLE_ANSWER_BYTES_MAX = 1_024 * 1_024;
/** What is kept of an answer for people to read. */
export const ANSWER_KEPT_BYTES = 1_024;

/** What an exchange is about. */
export interface ExchangeOptions {
  readonly method: string;
  /** All of it, as requestText writes it. */
  readonly request: string;
  /** What the destination knows about answers. */
  readonly outcomes: Outcomes;
  /** Whether all of the answer is kept, up to what is read of it, and not only its beginning. */
  readonly wholeAnswer: boolean;
}

/** One request and its answer. It settles once, with an outcome. */
export class Exchange {
  readonly method: string;
  readonly request: string;
  /** So much of the answer's content is kept. */
  readonly keptBytesMax: number;
  /** The answer counts as complete when it has more content than that. */
  readonly contentBytesMax: number;
  /** What is to be closed when it is broken off. */
  carrier: { close(): void } | undefined;
  readonly #clock: Clock;
  readonly #outcomes: Outcomes;
  readonly #onOver: (outcome: Outcome, exchange: Exchange) => void;
  #isOver = false;

  /** `onOver` is called once. */
  constructor(
    clock: Clock,
    { method, request, outcomes, wholeAnswer }: ExchangeOptions,
    onOver: (outcome: Outcome, exchange: Exchange) => void,
  ) {
    this.#clock = clock;
    this.method = method;
    this.request = request;
    this.#outcomes = outcomes;
    this.keptBytesMax = wholeAnswer ? WHOLE_ANSWER_BYTES_MAX : ANSWER_KEPT_BYTES;
    this.contentBytesMax = wholeAnswer ? WHOLE_ANSWER_BYTES_MAX : ANSWER_BYTES_MAX;
    this.#onOver = onOver;
  }

  /** Whether it has settled. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The answer is complete. */
  answered(answer: Answered): void {
    this.settle(outcomeOf(answer, this.#clock.now(), this.#outcomes));
  }

  /** There will be no answer. */
  failed(error: Error): void {
    this.settle(outcomeOfError(error));
  }

  /** This is what came of it, unless it has settled before. */
  settle(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver(outcome, this);
  }
}

/** What the system's codes say of a host name that could not be looked up. */
const NO_ADDRESS: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'its host name has no address'],
  ['EAI_AGAIN', 'no name server says what the address of its host name is'],
]);

/** What a request that got no answer means. */
export function outcomeOfError(error: Error): Outcome {
  if (error instanceof RefusedAddress) return { kind: 'misconfigured', reason: `not sent: ${error.message}` };
  if (error instanceof LookupGivenUp) return { kind: 'retry', reason: `not sent: ${error.message}` };
  if (error instanceof NoAnswer) return { kind: 'retry', reason: error.message };
  // The request itself cannot be written, so it never will be.
  if (error instanceof UnwritableRequest) {
    const kind = error.isAboutHeader ? 'misconfigured' : 'rejected';
    return { kind, reason: `not a valid request: ${error.message}` };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const noAddress = NO_ADDRESS.get(code);
  return {
    kind: 'retry',
    reason: noAddress === undefined ? `no answer (${code})` : `not sent: ${noAddress} (${code})`,
  };
}
