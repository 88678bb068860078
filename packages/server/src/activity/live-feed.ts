import { parseEvent } from '@metarouter/events';
import type { NewRecord } from '../log/event-log.ts';
import type { Clock } from '../platform/clock.ts';
import { summaryOf } from './event-summary.ts';
import type { LiveEvent } from './live-event.ts';
import { LiveWatch } from './live-watch.ts';
import type { RejectedSample } from './rejected-samples.ts';

export type { LiveEvent };

/** The most events of a source that are shown in a second: more than anybody can read, and 2 ms of the door's time. */
export const LIVE_EVENTS_PER_SECOND_MAX = 50;

/** The most that watch at the same time, all sources together: with full buffers of their own they take 50 MB. */
export const WATCHES_MAX = 100;

const SECOND_MS = 1_000;

/** Nobody more can watch at present. */
export class TooManyWatchers extends Error {
  constructor() {
    super(`${WATCHES_MAX} people watch events already: try again when some have gone`);
  }
}

/** Events that were read for watchers, and are shown once they are durable. */
interface Gathered {
  show(): void;
}

/** All who watch one source, and how much they were shown in this second. */
interface Audience {
  readonly watches: Set<LiveWatch>;
  second: number;
  shown: number;
}

/**
 * Shows people the events of a source while they come in. Where nobody watches it costs a look at a map for each request.
 * Each event is read once, however many watch; who cannot keep up misses the oldest, and is told how many.
 */
export class LiveFeed {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #audiences = new Map<string, Audience>();
  #watches = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /**
   * The events of a source from now on, until the iteration is ended.
   *
   * @throws TooManyWatchers
   */
  watch(source: string): AsyncIterableIterator<LiveEvent> {
    if (this.#watches >= WATCHES_MAX) throw new TooManyWatchers();
    this.#watches += 1;
    const audience = this.#audiences.get(source) ?? { watches: new Set(), second: 0, shown: 0 };
    this.#audiences.set(source, audience);
    const watch: LiveWatch = new LiveWatch(() => {
      this.#watches -= 1;
      audience.watches.delete(watch);
      if (audience.watches.size === 0) this.#audiences.delete(source);
    });
    audience.watches.add(watch);
    return watch;
  }

  /** Reads the events of one request for those who watch their sources; undefined when nobody does. */
  gather(records: readonly NewRecord[]): Gathered | undefined {
    if (this.#watches === 0) return undefined;
    const gathered: { readonly source: string; readonly event: LiveEvent }[] = [];
    for (const record of records) {
      const audience = this.#audiences.get(record.source);
      if (audience === undefined) continue;
      const event = this.#admits(audience) ? acceptedOf(record) : MISSED;
      gathered.push({ source: record.source, event });
    }
    if (gathered.length === 0) return undefined;
    return {
      show: () => {
        for (const { source, event } of gathered) this.#show(source, event);
      },
    };
  }

  /** Shows what was refused. */
  rejected(sample: RejectedSample): void {
    const { source } = sample;
    const audience = source === undefined ? undefined : this.#audiences.get(source);
    if (source === undefined || audience === undefined) return;
    this.#show(source, this.#admits(audience) ? { ...sample, kind: 'rejected' } : MISSED);
  }

  #show(source: string, event: LiveEvent): void {
    for (const watch of this.#audiences.get(source)?.watches ?? []) watch.give(event);
  }

  #admits(audience: Audience): boolean {
    const second = Math.floor(this.#clock.monotonic() / SECOND_MS);
    if (second !== audience.second) audience.shown = 0;
    audience.second = second;
    audience.shown += 1;
    return audience.shown <= LIVE_EVENTS_PER_SECOND_MAX;
  }
}

const MISSED: LiveEvent = { kind: 'missed', count: 1 };

/** As it is stored: the pieces put together, and read once. */
function acceptedOf({ pieces, messageId, receivedAt }: NewRecord): LiveEvent {
  const stored = Buffer.concat(pieces.map((piece) => Buffer.from(piece))).toString();
  const event = parseEvent(stored);
  return { kind: 'accepted', ...summaryOf(event, JSON.stringify(event ?? null), { messageId, receivedAt }) };
}
