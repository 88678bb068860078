import type { DoorCount } from '../activity/door-counts.ts';
import { type HourCount, hourCount } from '../activity/event-views.ts';
import { HOUR_MS, hourOf } from '../activity/hours.ts';
import type { Pipeline } from '../store/workspace.ts';
import type { Verdicts } from './head/verdicts.ts';
import type { Lane } from './lane/lane.ts';
import type { CountStep, CountSum } from './state/counts.ts';
import { transaction } from './state/database.ts';
import type { DeliveryState } from './state/delivery-state.ts';

/** The most steps of one answer: a month of hours, or two years of days. Each has a few dozen counts. */
const COUNT_STEPS_MAX = 750;
/** How long counts are kept: 13 months, so that a month can be compared with the same one a year ago. */
const COUNTS_KEPT_HOURS = 13 * 31 * 24;

/** Which counts are asked for. */
interface CountWish {
  readonly source: string;
  /** In milliseconds since 1970. Counted is from the beginning of the step on in which it lies… */
  readonly from: number;
  /** …to the end of the last hour that begins before this time. */
  readonly until: number;
  /** How many hours are added up, from 1970 on: 1, or 24 for days of UTC. */
  readonly step: number;
}

interface EventCountsOptions {
  readonly state: DeliveryState;
  readonly verdicts: readonly Verdicts[];
  /** All that run. */
  readonly lanes: () => Iterable<Lane>;
  /** All pipelines, those that are switched off too. */
  readonly pipelines: () => readonly Pipeline[];
}

/**
 * What came of a source's events, by the hour in which they were received, and by type: what is committed, and what is
 * not yet. It adds up to the ledger, but that a dead letter stays dead while it is redelivered.
 */
export class EventCounts {
  readonly #options: EventCountsOptions;

  constructor(options: EventCountsOptions) {
    this.#options = options;
  }

  /** Throws when too many steps are asked for. */
  of({ source, from, until, step }: CountWish): readonly HourCount[] {
    const first = Math.floor(hourOf(from) / step) * step;
    const last = hourOf(until - 1);
    if ((last - first) / step >= COUNT_STEPS_MAX)
      throw new Error(`more than ${COUNT_STEPS_MAX} steps: ask for fewer, or for longer ones`);
    const sums = new Map<string, CountSum>();
    const add = (sum: CountSum) => {
      const { hour, pipeline, type, outcome, reason } = sum;
      const key = JSON.stringify([hour, pipeline, type, outcome, reason]);
      sums.set(key, { ...sum, count: sum.count + (sums.get(key)?.count ?? 0) });
    };
    for (const sum of this.#options.state.counts.sums(source, first, last + 1, step)) add(sum);
    for (const { pipeline, cells } of this.#uncommitted(source)) {
      for (const cell of cells) {
        const hour = Math.floor(cell.hour / step) * step;
        if (cell.hour >= first && cell.hour <= last) add({ ...cell, hour, pipeline, reason: '' });
      }
    }
    return [...sums.values()].filter(({ count }) => count > 0).map(shown);
  }

  /**
   * Adds what the door has counted; of what was accepted only what no head reads, for want of a pipeline.
   *
   * @throws when there is no room: then nothing was kept.
   */
  takeFromDoor(given: readonly DoorCount[]): void {
    const { state, pipelines } = this.#options;
    const read = new Set(pipelines().map(({ source }) => source));
    const counts = given.filter(({ source, reason }) => reason !== undefined || !read.has(source));
    transaction(state.db, () => state.counts.addDoor(counts));
  }

  /** Forgets what is older than 13 months. */
  trim(now: number): void {
    this.#options.state.counts.trim(hourOf(now) - COUNTS_KEPT_HOURS);
  }

  *#uncommitted(source: string): Generator<CountStep> {
    const { verdicts, lanes } = this.#options;
    for (const verdict of verdicts) yield { source, pipeline: '', cells: verdict.cells(source) };
    for (const lane of lanes())
      if (lane.source === source) yield { source, pipeline: lane.key.pipeline, cells: lane.cells() };
  }
}

function shown({ hour, pipeline, type, outcome, reason, count }: CountSum): HourCount {
  const ofPipeline = pipeline === '' ? {} : { pipeline };
  const what = reason === '' ? { type } : { reason };
  return hourCount.parse({ at: hour * HOUR_MS, ...ofPipeline, ...what, outcome, count });
}
