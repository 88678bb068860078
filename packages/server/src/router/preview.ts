import { runInNewContext } from 'node:vm';
import type { Destination } from '@metarouter/destinations';
import { type Event, momentOf } from '@metarouter/events';
import type { PreviewView } from '../activity/trial-views.ts';
import type { Clock } from '../platform/clock.ts';
import type { Pipeline } from '../store/workspace.ts';
import { Decider } from './decider.ts';
import { Planning } from './planning.ts';
import { previewEvent } from './preview-event.ts';
import { shownRequest } from './shown-request.ts';

/**
 * A preview takes a few milliseconds. One that takes longer than this, in ms, has met an error of ours, and is broken off:
 * lanes can wait so long, and too little memory is used up meanwhile to end the thread.
 */
const TAKES_MS_MAX = 250;

export interface PreviewOptions {
  readonly pipeline: Pipeline;
  readonly destination: Destination;
  /** The event as JSON, as a client would send it or as it was stored. */
  readonly text: string;
  readonly clock: Clock;
  readonly newId: () => string;
}

/**
 * What a pipeline would do with an event: decided as lanes decide, and nothing is sent.
 *
 * The event comes from a person and not from the log, so none of the log's events may be blamed for what it does to the
 * thread: it is not noted as being looked at, and looks at nothing that lanes share. In return its time is limited, which
 * that of real events is not, so that the lanes outlive even an event that would keep them busy for ever.
 */
export function previewOf({ pipeline, destination, text, clock, newId }: PreviewOptions): PreviewView {
  const given = previewEvent(text, momentOf(clock.now()), newId);
  if (given.kind === 'refused') return notSent('refused', given.faults.join('; '));
  try {
    return withinTime(() => planned(pipeline, destination, given.event));
  } catch (error) {
    if (isLate(error)) return notSent('broken', `it was not planned within ${TAKES_MS_MAX} ms`);
    return notSent('broken', error instanceof Error ? error.message : String(error));
  }
}

function planned(pipeline: Pipeline, destination: Destination, event: Event): PreviewView {
  const decider = new Decider({ pipeline, destination, planning: new Planning(), suspects: new Map() });
  const plan = decider.decide({ event, position: 0 });
  if (plan.kind !== 'send')
    return { ...notSent(plan.kind, plan.reason), ...(plan.kind === 'filtered' ? { rule: plan.rule } : {}) };
  const requests = plan.requests.map((request) => shownRequest(request, decider.mask));
  return { outcome: 'send', requests, notes: plan.notes };
}

/** Does the work, and breaks it off when its time is over: then it throws. Only scripts can be broken off. */
function withinTime<T>(work: () => T): T {
  let done: { readonly value: T } | undefined;
  const look = () => {
    done = { value: work() };
  };
  runInNewContext('look()', { look }, { timeout: TAKES_MS_MAX });
  if (done === undefined) throw new Error('it was broken off');
  return done.value;
}

/** Whether the time was over: an error of the script's own world, which is no instance of our `Error`. */
function isLate(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

function notSent(outcome: PreviewView['outcome'], reason: string): PreviewView {
  return { outcome, reason, requests: [], notes: [] };
}
