import { setImmediate as nextTurn } from 'node:timers/promises';
import { summaryOf } from '../activity/event-summary.ts';
import type { RecentEvent, RecentPage } from '../activity/event-views.ts';
import type { LogReader, LogRecord, Position } from '../log/event-log.ts';
import type { Clock } from '../platform/clock.ts';
import { matcherOf } from './event-search.ts';
import type { Verdicts } from './head/verdicts.ts';
import { parcelOf } from './parcel.ts';

/** The most events of a page: each may be 16 KB of text. */
const PAGE_MAX = 100;
/** What one page looks at before it says where it stopped: about half a second's work, in slices. */
const LOOKED_MAX = { records: 50_000, bytes: 64 * 1024 * 1024, positions: 500_000 } as const;
/**
 * The log is read forwards, so its end is read in stretches: a short one first, which mostly has a page's events, then
 * longer ones, as long as they have not too many bytes of the source.
 */
const STRETCH_POSITIONS = { first: 256, most: 16_384, growth: 4 } as const;
const STRETCH_BYTES_MAX = 4 * 1024 * 1024;
/** So long the lanes wait at most until it is their turn again, in milliseconds; and for 1 MB of the log to be read. */
const SLICE_MS = 2;
/** Pages that may wait for others. They are made one after the other, so that lanes have half of the thread at least. */
const WAITING_MAX = 16;

/** The embedded log has one partition. */
const PARTITION = 0;

interface RecentWish {
  readonly source: string;
  readonly first: number;
  /** Only events in front of this position. */
  readonly before?: Position | undefined;
  /** What an event has to say; empty for all events. */
  readonly search: string;
}

interface RecentOptions {
  readonly log: LogReader;
  readonly verdicts: readonly Verdicts[];
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** What a stretch of the log has: the newest events that match, oldest first. */
interface Found {
  readonly records: readonly LogRecord[];
  /** All of the source that was looked at. */
  readonly count: number;
  readonly bytes: number;
}

/** Reads a source's accepted events back from the log, newest first, without holding up the lanes. */
export class Recent {
  readonly #options: RecentOptions;
  readonly #aborter = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #sliceEnds = 0;

  constructor(options: RecentOptions) {
    this.#options = options;
  }

  /** The newest events in front of a position. Rejects when too many wait for theirs. */
  async page(wish: RecentWish): Promise<RecentPage> {
    if (this.#waiting >= WAITING_MAX)
      throw new Error('too many people look at events: try again in a moment');
    this.#waiting += 1;
    const page = this.#last.then(() => this.#page(wish));
    this.#last = page.catch(() => {});
    try {
      return await page;
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Ends what is being read. */
  stop(): void {
    this.#aborter.abort();
  }

  async #page({ source, search, ...wish }: RecentWish): Promise<RecentPage> {
    const { log } = this.#options;
    const matches = matcherOf(search);
    const first = Math.min(wish.first, PAGE_MAX);
    const newest = Math.min(wish.before ?? log.head(PARTITION), log.head(PARTITION));
    const records: LogRecord[] = [];
    let end = newest;
    let length: number = STRETCH_POSITIONS.first;
    let looked = 0;
    let bytes = 0;
    while (records.length < first && end > log.first(PARTITION) && !this.#aborter.signal.aborted) {
      const isEnough =
        looked >= LOOKED_MAX.records || bytes >= LOOKED_MAX.bytes || newest - end >= LOOKED_MAX.positions;
      if (isEnough) break;
      const start = Math.max(log.first(PARTITION), end - length);
      const room = first - records.length;
      const found = await this.#read({ source, start, end, matches, room });
      records.push(...found.records.toReversed());
      looked += found.count;
      bytes += found.bytes;
      length = nextLength(end - start, found.bytes);
      end = found.records.length < room ? start : (found.records[0]?.position ?? start);
    }
    const searchedTo = log.at(PARTITION, end)?.receivedAt ?? records.at(-1)?.receivedAt;
    const next = end > log.first(PARTITION) ? end : undefined;
    return { events: records.map((record) => this.#shown(record)), next, searchedTo };
  }

  /** The last matching events of a source from `start` on and before `end`, as many as there is room for. */
  async #read({ source, start, end, matches, room }: Stretch): Promise<Found> {
    const { log } = this.#options;
    const records: LogRecord[] = [];
    let count = 0;
    let bytes = 0;
    const { signal } = this.#aborter;
    const sources = new Set([source]);
    await this.#giveWay();
    for await (const batch of log.read({
      partition: PARTITION,
      from: start,
      sources,
      signal,
      untilHead: true,
    })) {
      for (const record of batch.records) {
        if (record.position >= end) break;
        count += 1;
        bytes += record.bytes.length;
        if (matches(record)) records.push({ ...record, bytes: record.bytes.slice() });
        if (records.length > room) records.shift();
        if (this.#isSliceOver()) await this.#giveWay();
      }
      if (batch.next >= end || signal.aborted) break;
      await this.#giveWay();
    }
    return { records, count, bytes };
  }

  #isSliceOver(): boolean {
    return this.#options.clock.monotonic() >= this.#sliceEnds;
  }

  /** Lets the lanes have their turn, and begins a new slice. */
  async #giveWay(): Promise<void> {
    await nextTurn();
    this.#sliceEnds = this.#options.clock.monotonic() + SLICE_MS;
  }

  #shown(record: LogRecord): RecentEvent {
    const { position } = record;
    const { event, bytes } = parcelOf(record);
    const isRepeat =
      this.#options.verdicts[PARTITION]?.between(position, position + 1).has(position) ?? false;
    const json = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
    return { ...summaryOf(event, json, record), position, isRepeat };
  }
}

interface Stretch {
  readonly source: string;
  readonly start: Position;
  readonly end: Position;
  readonly matches: (record: LogRecord) => boolean;
  readonly room: number;
}

/** How many positions to read after so many, which had so many bytes of the source. */
function nextLength(positions: number, bytes: number): number {
  const affordable = Math.floor((STRETCH_BYTES_MAX * positions) / Math.max(bytes, 1));
  const { first, most, growth } = STRETCH_POSITIONS;
  return Math.max(first, Math.min(positions * growth, affordable, most));
}
