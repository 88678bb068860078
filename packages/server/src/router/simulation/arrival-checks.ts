import type { Pipeline } from '../../store/workspace.ts';
import type { Accepted } from './accepted.ts';
import type { Turn } from './probe-watch.ts';
import { ruleOf, urlCount } from './simulated-pipelines.ts';
import type { Arrival } from './simulated-receivers.ts';

export interface Arrived {
  readonly arrivals: readonly Arrival[];
  readonly accepted: Accepted;
  /** Every version of each pipeline. */
  readonly versions: ReadonlyMap<string, readonly Pipeline[]>;
  readonly turns: readonly Turn[];
  /** The channels after whose end nothing comes again that was taken before. */
  readonly closedCleanly: ReadonlySet<number>;
}

/** The first wait between two attempts, shortened as far as it may be, in milliseconds. */
const FIRST_WAIT_MS = 5_000 * 0.8;
/** The same where another receiver of the event may have asked for a pause, which then counts for all of them. */
const PAUSE_MIN_MS = 1_000;
const HOUR = 3_600_000;
/** What Customer.io takes in any second. */
const REQUESTS_PER_SECOND = 100;

/** What is wrong with what receivers got, whenever it came. */
export function arrivalFaults(arrived: Arrived): readonly string[] {
  return [
    ...contentFaults(arrived),
    ...orderFaults(arrived),
    ...repetitionFaults(arrived),
    ...rateFaults(arrived),
  ];
}

/** Nothing is sent that repeats an earlier event, or that its pipeline leaves out; and each under its own key. */
function contentFaults({ arrivals, accepted, versions }: Arrived): string[] {
  const faults: string[] = [];
  for (const arrival of arrivals) {
    const known = versions.get(arrival.pipeline) ?? [];
    if (arrival.numbers.length === 0) faults.push(`an empty request: ${textOf(arrival)}`);
    for (const number of arrival.numbers) {
      const event = accepted.numbered(number);
      if (event.isRepeat) faults.push(`a repeat was sent: ${textOf(arrival)}`);
      if (known.every((version) => ruleOf(version, event.flavour) !== undefined))
        faults.push(`a filtered event was sent: ${textOf(arrival)}`);
      if (known.every(({ source }) => source !== event.source))
        faults.push(`an event of another source was sent: ${textOf(arrival)}`);
      if (arrival.numbers.length === 1 && arrival.key !== `${arrival.pipeline}:${event.messageId}`)
        faults.push(`a wrong idempotency key: ${textOf(arrival)}`);
    }
  }
  return faults;
}

/**
 * No attempt for an event is made before an earlier one of its user was taken or refused for good, at the same URL;
 * unless both go in one request, or live delivery never got that far.
 */
function orderFaults({ arrivals, accepted, versions }: Arrived): string[] {
  const faults: string[] = [];
  /** By user, pipeline and URL: the attempts for each event, in order. */
  const lines = new Map<string, Map<number, Arrival[]>>();
  for (const arrival of arrivals) {
    if (arrival.isReplay) continue;
    for (const number of arrival.numbers) {
      const { user, flavour } = accepted.numbered(number);
      // An event that another version of the pipeline leaves out held nobody back at that time.
      if (versions.get(arrival.pipeline)?.some((version) => ruleOf(version, flavour) !== undefined)) continue;
      const name = `${arrival.pipeline} ${arrival.url} ${user}`;
      const line = lines.get(name) ?? new Map<number, Arrival[]>();
      lines.set(name, line);
      const attempts = line.get(number);
      if (attempts === undefined) line.set(number, [arrival]);
      else attempts.push(arrival);
    }
  }
  for (const [name, line] of lines) {
    let before: { readonly number: number; readonly done: Arrival } | undefined;
    for (const [number, attempts] of [...line].sort(([one], [other]) => one - other)) {
      const { number: earlier = -1, done: last } = before ?? {};
      const tried = attempts.find((attempt) => !attempt.numbers.includes(earlier));
      if (last !== undefined && tried !== undefined && tried.index < last.index)
        faults.push(`${name}: event ${number} was tried before ${earlier} was done`);
      const done = attempts.find(isDone);
      if (done !== undefined && done.index >= (last?.index ?? 0)) before = { number, done };
    }
  }
  return faults;
}

/** Taken, or refused by itself. */
function isDone({ isTaken, outcome, numbers }: Arrival): boolean {
  return isTaken || (outcome?.kind === 'rejected' && numbers.length === 1);
}

/** An event that was taken comes once more only where nobody knew; one that failed, not before its time. */
function repetitionFaults({ arrivals, turns, versions, closedCleanly }: Arrived): string[] {
  const faults: string[] = [];
  const lastOf = new Map<string, Arrival>();
  const turnsOf = Map.groupBy(turns, ({ pipeline }) => pipeline);
  for (const arrival of arrivals) {
    if (arrival.isReplay) continue;
    for (const number of arrival.numbers) {
      const key = `${arrival.pipeline} ${arrival.url} ${number}`;
      const last = lastOf.get(key);
      lastOf.set(key, arrival);
      if (last === undefined) continue;
      const { outcome, at, channel } = last;
      const isSame = channel === arrival.channel;
      if (outcome?.kind === 'delivered' && (isSame || closedCleanly.has(channel)))
        faults.push(`sent again although it was taken: ${textOf(arrival)}`);
      if (!isSame) continue;
      if (outcome === undefined) faults.push(`sent again although it was under way: ${textOf(arrival)}`);
      if (outcome?.kind !== 'retry' || arrival.numbers.length > 1 || last.numbers.length > 1) continue;
      const isMoved = (turnsOf.get(arrival.pipeline) ?? []).some(
        (turn) => turn.at >= at && turn.at <= arrival.at,
      );
      const isWaiting = turnsOf.get(arrival.pipeline)?.findLast((turn) => turn.at <= at)?.isWaiting === true;
      const isAlone = versions.get(arrival.pipeline)?.every((version) => urlCount(version) === 1) === true;
      const wait = outcome.retryAfterMs ?? (isAlone ? FIRST_WAIT_MS : PAUSE_MIN_MS);
      if (!isMoved && !isWaiting && arrival.at - at < Math.min(wait, HOUR))
        faults.push(`tried again after ${arrival.at - at} ms: ${textOf(arrival)}`);
    }
  }
  return faults;
}

function rateFaults({ arrivals, versions }: Arrived): string[] {
  const faults: string[] = [];
  const limited = arrivals.filter(
    ({ pipeline }) => versions.get(pipeline)?.[0]?.destination === 'customerio',
  );
  for (const group of Map.groupBy(limited, ({ life, url }) => `${life} ${url}`).values()) {
    for (const [place, first] of group.entries()) {
      const next = group[place + REQUESTS_PER_SECOND];
      if (next !== undefined && next.at - first.at < 1_000) faults.push(`too many requests: ${textOf(next)}`);
    }
  }
  return faults;
}

function textOf({ at, life, channel, pipeline, url, numbers, isReplay, outcome }: Arrival): string {
  return JSON.stringify({ at, life, channel, pipeline, url, numbers, isReplay, outcome: outcome?.kind });
}
