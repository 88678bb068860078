import type { DeclaredOutcome, Outcomes } from '@metarouter/destinations';
import { parseHttpDate } from './http-date.ts';

/** What came of one attempt. Expected, so a value and never an exception. */
export type Outcome =
  /** The answer is absent when it was empty. */
  | { readonly kind: 'delivered'; readonly status: number; readonly answer?: string }
  /** Worth another try; the receiver may have asked for a pause. */
  | (Failure & { readonly kind: 'retry'; readonly retryAfterMs?: number })
  /** This event will never be taken; others may be. */
  | (Failure & { readonly kind: 'rejected' })
  /** The set-up is wrong (credentials, path, an address that is not allowed), not the event: others would fail too. */
  | (Failure & { readonly kind: 'misconfigured' });

interface Failure {
  /** In words for people, without secrets or addresses. */
  readonly reason: string;
  /** Absent when no answer came. */
  readonly status?: number;
  /** The beginning of the answer, or all of it where that was asked for. */
  readonly answer?: string;
}

/** What of an answer decides the outcome. */
export interface Answered {
  readonly status: number;
  /** The Retry-After header as it came. */
  readonly retryAfter?: string | undefined;
  /** What is kept of the answer. */
  readonly answer: string;
}

/** Statuses of the 4xx range that say "not now" rather than "not this". */
const RETRIED = new Set([408, 425, 429]);
/** Statuses that say that the set-up is wrong: credentials, rights, path, or a receiver that is gone. */
const MISCONFIGURED = new Set([401, 403, 404, 410]);

/** What was to be deleted and is not there has been deleted. Beside it even what a destination declares gives way. */
export const ALREADY_GONE: Outcomes = {
  404: { kind: 'delivered', reason: '' },
  410: { kind: 'delivered', reason: '' },
};

/** A receiver may ask for a pause, but neither for a busy loop nor for being forgotten. */
const RETRY_AFTER_MIN_MS = 1_000;
const RETRY_AFTER_MAX_MS = 3_600_000;

/**
 * The one place that decides what an answer means: what the destination declares of its status, else the general
 * rules. `now` is in milliseconds since 1970.
 */
export function outcomeOf(
  { status, retryAfter, answer }: Answered,
  now: number,
  declared: Outcomes,
): Outcome {
  const { kind, reason } = declared[status] ?? generalOutcome(status);
  if (kind === 'delivered') return answer === '' ? { kind, status } : { kind, status, answer };
  const failure = { reason: reason === '' ? `HTTP ${status}` : `HTTP ${status}: ${reason}`, status, answer };
  if (kind !== 'retry') return { ...failure, kind };
  const retryAfterMs = retryAfterOf(retryAfter, now);
  return retryAfterMs === undefined ? { ...failure, kind } : { ...failure, kind, retryAfterMs };
}

/** What a status means wherever nothing more is known. */
function generalOutcome(status: number): DeclaredOutcome {
  if (status >= 200 && status < 300) return { kind: 'delivered', reason: '' };
  if (status < 200) return { kind: 'retry', reason: 'no final answer' };
  // A redirect may lead inside our own network, so none is followed. Until the address is corrected, try again.
  if (status < 400) return { kind: 'retry', reason: 'redirects are not followed' };
  if (MISCONFIGURED.has(status)) return { kind: 'misconfigured', reason: '' };
  return { kind: status < 500 && !RETRIED.has(status) ? 'rejected' : 'retry', reason: '' };
}

/** Reads seconds or an HTTP date, between one second and one hour. Nonsense counts as absent. */
function retryAfterOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const end = /^\d+$/.test(text) ? now + Number(text) * 1_000 : parseHttpDate(text, now);
  if (end === undefined) return undefined;
  return Math.min(Math.max(end - now, RETRY_AFTER_MIN_MS), RETRY_AFTER_MAX_MS);
}
