import {
  accept,
  type Event,
  type Moment,
  nothingInherited,
  parseEvent,
  REQUEST_BYTES_MAX,
  type Refused,
  readCalls,
} from '@metarouter/events';

/** The event, or why there is none. */
type Previewed = { readonly kind: 'event'; readonly event: Event } | Refused;

/**
 * An event that somebody wrote down, as the door would store it: completed with what it lacks. One that was stored, and
 * is shown in a trace, stays as it is. With all its faults when the door would refuse it.
 */
export function previewEvent(text: string, received: Moment, newId: () => string): Previewed {
  const bytes = Buffer.from(text);
  if (bytes.length > REQUEST_BYTES_MAX) return refused(`it has more than ${REQUEST_BYTES_MAX} bytes`);
  const latin1 = bytes.toString('latin1');
  const textOf = (start: number, end: number) => bytes.toString('utf8', start, end);
  // There may be control characters, which only costs time.
  const call = readCalls({ latin1, hasControls: true, textOf }, false)?.root;
  if (call === undefined) return refused('it is not a JSON object');
  if (call.fault !== undefined) return refused(FAULTS[call.fault]);
  const stored = parseEvent(text);
  if (stored !== undefined) return { kind: 'event', event: stored };
  const verdict = accept(
    call,
    { type: undefined, received, inherited: nothingInherited(), newId },
    undefined,
  );
  if (verdict.kind === 'refused') return verdict;
  const completed = parseEvent(`${textOf(0, call.end)}${verdict.splice}}`);
  if (completed === undefined) throw new Error('What the door accepts is an event.');
  return { kind: 'event', event: completed };
}

const FAULTS = {
  too_deep: 'it is nested too deep',
  too_many_keys: 'it has too many keys',
  forbidden_key: 'the key __proto__ is not allowed',
};

function refused(fault: string): Refused {
  return { kind: 'refused', faults: [fault] };
}
