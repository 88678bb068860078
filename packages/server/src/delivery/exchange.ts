import type { Outcomes } from '@metarouter/destinations';
import type { Dispatcher } from 'undici';
import type { Clock } from '../platform/clock.ts';
import { RefusedAddress } from './address-guard.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

/** An attempt, from connecting to the last byte of the answer, takes at most this long. */
const ATTEMPT_TIMEOUT_MS = 15_000;
/** Nobody reads a longer answer; what comes after is not waited for. */
const ANSWER_BYTES_MAX = 65_536;
/** What is kept of the answer to a failed attempt. */
const ANSWER_KEPT_BYTES = 1_024;

/** One request on its way: undici calls it as the answer arrives, and it settles once, with an outcome. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #clock: Clock;
  readonly #outcomes: Outcomes;
  readonly #settle: (outcome: Outcome) => void;
  readonly #cancelTimeout: () => void;
  #settled = false;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #retryAfter: string | undefined;
  #bytes = 0;
  #kept: Buffer[] = [];

  constructor(clock: Clock, outcomes: Outcomes, settle: (outcome: Outcome) => void) {
    this.#clock = clock;
    this.#outcomes = outcomes;
    this.#settle = settle;
    this.#cancelTimeout = clock.after(ATTEMPT_TIMEOUT_MS, () => {
      this.#finish({ kind: 'retry', reason: `no complete answer within ${ATTEMPT_TIMEOUT_MS / 1_000} s` });
      this.#controller?.abort(new Error('timed out'));
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It waited for a connection for so long that nobody wants the answer any more.
    if (this.#settled) controller.abort(new Error('timed out'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.#status = status;
    const retryAfter = headers['retry-after'];
    this.#retryAfter = typeof retryAfter === 'string' ? retryAfter : undefined;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#bytes < ANSWER_KEPT_BYTES) this.#kept.push(chunk.subarray(0, ANSWER_KEPT_BYTES - this.#bytes));
    this.#bytes += chunk.length;
    if (this.#bytes <= ANSWER_BYTES_MAX) return;
    this.onResponseEnd();
    controller.abort(new Error('answer too long'));
  }

  onResponseEnd(): void {
    const answer = Buffer.concat(this.#kept).toString('utf8');
    const answered = { status: this.#status, retryAfter: this.#retryAfter, answer };
    this.#finish(outcomeOf(answered, this.#clock.now(), this.#outcomes));
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#finish(outcomeOfError(error));
  }

  #finish(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#cancelTimeout();
    this.#settle(outcome);
  }
}

/** The codes of undici's errors about what it was given. */
const CANNOT_BE_WRITTEN = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED']);

/** What a request that got no answer means. */
function outcomeOfError(error: Error): Outcome {
  if (error instanceof RefusedAddress) {
    return { kind: 'misconfigured', reason: `not sent: ${error.message} (see --allow-private)` };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  // The request itself cannot be written, so it never will be. Headers come from the set-up, all the rest from the event.
  if (CANNOT_BE_WRITTEN.has(code)) {
    const kind = /\bheader\b/.test(error.message) ? 'misconfigured' : 'rejected';
    return { kind, reason: `not a valid request: ${error.message}` };
  }
  return { kind: 'retry', reason: `no answer (${code})` };
}
