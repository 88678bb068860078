import type { DeadLetterView, EventTrace, ReplayStatus } from '../../activity/delivery-views.ts';
import type { RecentEvent } from '../../activity/event-views.ts';
import type { LiveEvent } from '../../activity/live-feed.ts';
import type { RejectedSample } from '../../activity/rejected-samples.ts';
import type { Activity, Lanes } from '../ports.ts';

/** What the lanes and the door know of one source with one pipeline. Every text in it has `mark` in it. */
export interface Delivered {
  readonly mark: string;
  readonly source: string;
  readonly pipeline: string;
  readonly message: string;
  readonly deadLetter: number;
  readonly replay: string;
}

const AT = 1_772_355_600_000;

/**
 * Stands for the lanes and the door: answers with what belongs to the source or pipeline that is asked for, as they do,
 * and keeps which ids it was asked for. `ledger` and `replays` of everything have the rows of everybody.
 */
export class RecordingLanes implements Lanes, Activity {
  readonly #all: readonly Delivered[];
  /** The ids that were asked for, and the details of connections that were tried, as JSON. */
  readonly asked: string[] = [];

  constructor(all: readonly Delivered[]) {
    this.#all = all;
  }

  async trace({ source, messageId }: Parameters<Lanes['trace']>[0]) {
    return this.#of({ source })
      .filter(({ message }) => message === messageId)
      .map(traceOf);
  }

  async deadLetters({
    choice,
    first,
    before = Number.MAX_SAFE_INTEGER,
  }: Parameters<Lanes['deadLetters']>[0]) {
    return this.#of(choice)
      .map(letterOf)
      .filter(({ id }) => id < before)
      .slice(0, first);
  }

  async reasons(pipeline: string) {
    return this.#of({ pipeline }).map(({ mark }) => ({ reason: mark, count: 1 }));
  }

  async redeliver(choice: Parameters<Lanes['redeliver']>[0]) {
    const letters = this.#of(choice);
    return letters.filter(({ deadLetter }) => choice.ids?.includes(deadLetter) ?? true).length;
  }

  async replay({ pipeline }: Parameters<Lanes['replay']>[0]) {
    return this.#of({ pipeline }).map(replayOf)[0];
  }

  async replays({ pipeline }: Parameters<Lanes['replays']>[0]) {
    return pipeline === undefined ? this.#all.map(replayOf) : this.#of({ pipeline }).map(replayOf);
  }

  async changeReplay({ id }: Parameters<Lanes['changeReplay']>[0]) {
    this.asked.push(id);
    return true;
  }

  async ledger() {
    const counts = { accepted: 1, delivered: 0, filtered: 0, dead: 1, pending: 0 };
    return this.#all.map(({ source, pipeline }) => ({ source, pipeline, ...counts }));
  }

  async preview({ pipeline }: Parameters<Lanes['preview']>[0]) {
    const [{ mark } = { mark: '' }] = this.#of({ pipeline });
    const request = { method: 'POST', url: `https://${mark}.example`, body: mark };
    return { outcome: 'send', requests: [request], notes: [mark] } as const;
  }

  async testConnection({ details }: Parameters<Lanes['testConnection']>[0]) {
    this.asked.push(JSON.stringify(details));
    return { verdict: 'works', sentence: 'It works.' } as const;
  }

  async recent({ source }: Parameters<Lanes['recent']>[0]) {
    return { events: this.#of({ source }).map(eventOf) };
  }

  async counts({ source }: Parameters<Lanes['counts']>[0]) {
    return this.#of({ source }).map(
      ({ pipeline, mark }) => ({ at: AT, pipeline, type: mark, outcome: 'dead', count: 1 }) as const,
    );
  }

  rejected(source: string): readonly RejectedSample[] {
    return this.#of({ source }).map(sampleOf);
  }

  /** One event, and then no more. */
  live(source: string): AsyncIterableIterator<LiveEvent> {
    const events = this.#of({ source }).map((one) => ({ kind: 'accepted', ...eventOf(one) }) as const);
    return (async function* () {
      yield* events;
    })();
  }

  #of({ source, pipeline }: { readonly source?: string; readonly pipeline?: string }): readonly Delivered[] {
    this.asked.push(source ?? pipeline ?? '');
    return this.#all.filter((one) => one.source === source || one.pipeline === pipeline);
  }
}

function letterOf({ mark, pipeline, message, deadLetter }: Delivered): DeadLetterView {
  const lane = { pipeline, partition: 0, replay: '' };
  const given = { count: 1, reason: mark, status: 500, attempts: 3, at: AT, answer: mark, event: mark };
  return { id: deadLetter, ...lane, state: 'dead', messageId: message, ...given };
}

function replayOf({ pipeline, replay }: Delivered): ReplayStatus {
  const counts = { accepted: 1, delivered: 1, filtered: 0, dead: 0, pending: 0 };
  return { id: replay, pipeline, fromTime: AT, untilTime: AT, createdAt: AT, state: 'running', ...counts };
}

function eventOf({ mark, message }: Delivered): RecentEvent {
  const seen = {
    messageId: message,
    receivedAt: AT,
    type: 'track',
    name: mark,
    userId: mark,
    anonymousId: mark,
  };
  return { ...seen, text: mark, isCut: false, position: 1, isRepeat: false };
}

function sampleOf({ mark, source, message }: Delivered): RejectedSample {
  const seen = {
    source,
    route: 'track',
    reason: 'invalid_event',
    details: mark,
    messageId: message,
  } as const;
  return { ...seen, receivedAt: AT, text: mark };
}

function traceOf({ mark, source, pipeline, message }: Delivered): EventTrace {
  const lane = { pipeline, partition: 0, replay: '', name: mark, destination: 'webhooks' };
  const request = { method: 'POST', url: `https://${mark}.example`, body: mark };
  const exchange = { request, attempt: 1, events: 1, at: AT, status: 500, reason: mark, answer: mark };
  const outcome = { outcome: 'dead', reason: mark, answer: mark, rule: mark } as const;
  const step = { ...lane, ...outcome, requests: [request], notes: [mark], exchanges: [exchange] };
  const record = { source, messageId: message, position: 1, sequence: 1, receivedAt: AT, isRepeat: false };
  return { ...record, event: mark, pipelines: [step] };
}
