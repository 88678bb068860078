import { PROBLEMS, type Problem, problemBody, sdkKeys } from '../platform/problem.ts';
import type { HeaderList } from './cors.ts';
import type { Intake, Rejection } from './intake.ts';

/** An answer ready to be sent. */
export interface Answer {
  readonly status: number;
  /** JSON as text, or the bytes of another `type`. */
  readonly body: string | Uint8Array;
  /** `application/json` when absent. */
  readonly type?: string;
  /** Headers of this answer only. */
  readonly headers?: HeaderList;
}

/** Everything was stored. */
export const ACCEPTED: Answer = { status: 200, body: '{"success":true}' };

/** The whole request is refused; the keys differ between the batch routes and the others. */
export function refusal(cause: Problem, batched: boolean): Answer {
  const { status } = PROBLEMS[cause.code];
  const body = JSON.stringify(batched ? batchBody(cause, [entryOf(cause)]) : problemBody(cause));
  const { retryAfterSeconds } = cause;
  return retryAfterSeconds === undefined
    ? { status, body }
    : { status, body, headers: ['Retry-After', String(retryAfterSeconds)] };
}

/** Some calls of a request, or all of them, are refused. */
export function verdictOn(intake: Intake, batched: boolean): Answer {
  const [first] = intake.rejections;
  if (first === undefined) return ACCEPTED;
  if (!batched) return refusedCall(first, intake.rejections);
  const allForSize = intake.rejections.every(({ problem }) => problem.code === 'event_too_large');
  const status = intake.records.length > 0 ? 207 : allForSize ? 413 : 400;
  const errors = intake.rejections.map(({ index, messageId, problem }) => ({
    ...entryOf(problem),
    index,
    messageId,
  }));
  return { status, body: JSON.stringify(batchBody(first.problem, errors)) };
}

interface Entry {
  readonly Error: string;
  readonly Message: string;
  readonly Details: string;
}

function entryOf({ code, details }: Problem): Entry {
  // The documented answer to a request that is too large names the reading first and the size in the details.
  if (code === 'request_too_large') {
    const { error, message } = PROBLEMS.invalid_body;
    const size = PROBLEMS.request_too_large.message;
    return { Error: error, Message: message, Details: details === '' ? size : `${size}: ${details}` };
  }
  return { Error: PROBLEMS[code].error, Message: PROBLEMS[code].message, Details: details };
}

function refusedCall(first: Rejection, rejections: readonly Rejection[]): Answer {
  const { code } = first.problem;
  const faults = rejections.map(({ problem }) => problem.details);
  const body = problemBody({ code, details: faults.join('; ') });
  const errors = rejections.map(({ problem }) => entryOf(problem));
  return {
    status: PROBLEMS[code].status,
    body: JSON.stringify(faults.length > 1 ? { ...body, Errors: errors } : body),
  };
}

function batchBody({ code }: Problem, errors: readonly Entry[]) {
  return { Success: false, Errors: errors, ...sdkKeys(code) };
}
