import type { Outcomes } from '@metarouter/destinations';
import type { Dispatcher } from 'undici';
import type { Clock } from '../platform/clock.ts';
import { RefusedAddress } from './address-guard.ts';
import { LookupGivenUp } from './lookup-places.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

/** An attempt, from connecting to the last byte of the answer, takes at most this long. */
const ATTEMPT_TIMEOUT_MS = 15_000;
/** Nobody reads a longer answer; what comes after is not waited for. */
const ANSWER_BYTES_MAX = 64 * 1_024;
/** The same for an answer that speaks of many events one by one: 500 of them with an error each take some 125 KB. */
export const WHOLE_ANSWER_BYTES_MAX = 1_024 * 1_024;
/** What is kept of an answer for people to read. */
export const ANSWER_KEPT_BYTES = 1_024;
/** Interim answers (1xx) do not count as part of the answer. Who sends more of them never gets to the final one. */
const INTERIM_ANSWERS_MAX = 100;

/** One request on its way: undici calls it as the answer arrives, and it settles once, with an outcome. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #clock: Clock;
  readonly #outcomes: Outcomes;
  readonly #keepBytes: number;
  readonly #settle: (outcome: Outcome) => void;
  readonly #cancelTimeout: () => void;
  #settled = false;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #retryAfter: string | undefined;
  #interimAnswers = 0;
  #bytes = 0;
  #kept: Buffer[] = [];

  /** Keeps the first `keepBytes` of the answer. `outcomes` says what the destination knows about answers. */
  constructor(clock: Clock, outcomes: Outcomes, keepBytes: number, settle: (outcome: Outcome) => void) {
    this.#clock = clock;
    this.#outcomes = outcomes;
    this.#keepBytes = keepBytes;
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
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return this.#countInterim(controller);
    this.#status = status;
    // Sent twice it is nonsense, and comes as a list.
    const retryAfter = headers['retry-after'];
    this.#retryAfter = typeof retryAfter === 'string' ? retryAfter : undefined;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#bytes < this.#keepBytes) this.#kept.push(chunk.subarray(0, this.#keepBytes - this.#bytes));
    this.#bytes += chunk.length;
    if (this.#bytes <= Math.max(ANSWER_BYTES_MAX, this.#keepBytes)) return;
    this.onResponseEnd();
    controller.abort(new Error('answer too long'));
  }

  onResponseEnd(): void {
    const answer = this.#bytes === 0 ? '' : Buffer.concat(this.#kept).toString('utf8');
    const answered = { status: this.#status, retryAfter: this.#retryAfter, answer };
    this.#finish(outcomeOf(answered, this.#clock.now(), this.#outcomes));
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#finish(outcomeOfError(error));
  }

  #countInterim(controller: Dispatcher.DispatchController): void {
    this.#interimAnswers += 1;
    if (this.#interimAnswers <= INTERIM_ANSWERS_MAX) return;
    this.#finish({ kind: 'retry', reason: `no final answer among ${INTERIM_ANSWERS_MAX} interim ones` });
    controller.abort(new Error('too many interim answers'));
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

/** The code of undici's error for what was under way when a channel was closed. */
const BROKEN_OFF = 'UND_ERR_DESTROYED';

/** What the system's codes say of a host name that could not be looked up. */
const NO_ADDRESS: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'its host name has no address'],
  ['EAI_AGAIN', 'no name server says what the address of its host name is'],
]);

/** What a request that got no answer means. */
function outcomeOfError(error: Error): Outcome {
  if (error instanceof RefusedAddress) return { kind: 'misconfigured', reason: `not sent: ${error.message}` };
  if (error instanceof LookupGivenUp) return { kind: 'retry', reason: `not sent: ${error.message}` };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  // The request itself cannot be written, so it never will be. Headers come from the set-up, all the rest from the event.
  if (CANNOT_BE_WRITTEN.has(code)) {
    const kind = /\bheader\b/.test(error.message) ? 'misconfigured' : 'rejected';
    return { kind, reason: `not a valid request: ${error.message}` };
  }
  if (code === BROKEN_OFF) return { kind: 'retry', reason: 'broken off: the pipeline stops or changes' };
  const noAddress = NO_ADDRESS.get(code);
  return {
    kind: 'retry',
    reason: noAddress === undefined ? `no answer (${code})` : `not sent: ${noAddress} (${code})`,
  };
}
