import { NONE_COUNTED } from '../state/counts.ts';
import { laneText } from '../state/rows.ts';
import type { Life } from './life.ts';

/** Far behind the end of every simulation, in milliseconds since 1970. */
const FOREVER = 4_000_000_000_000;
/** All hours together. */
const STEP_HOURS = 10_000_000;

/** Whether counts by hour add up to the ledger, at every moment. */
export class CountChecks {
  /** By source: how many events came before any was counted. */
  readonly #uncounted = new Map<string, number>();

  /** What is wrong with the counts at this moment: with those that are durable, and those that are not yet. */
  faults({ router, state }: Life): readonly string[] {
    const faults: string[] = [];
    const check = (told: number, ledger: number, what: () => string) => {
      if (told !== ledger) faults.push(`hours tell ${told}, the ledger ${ledger}: ${what()}`);
    };
    const hours = sums(state.counts.sums.bind(state.counts));
    const queued = state.db.prepare(
      `SELECT count(*) AS count FROM exceptions
       WHERE pipeline = ? AND replay = '' AND partition = ? AND state = 'queued'`,
    );
    const { lanes } = router.snapshot();
    for (const { lane, progress } of state.lanes()) {
      const source = lanes.find(({ pipeline }) => pipeline === lane.pipeline)?.source;
      if (lane.replay !== '' || source === undefined) continue;
      const of = (outcome: string) => hours(source, lane.pipeline, outcome);
      const letters = Number(queued.get(lane.pipeline, lane.partition)?.count);
      check(of('delivered'), progress.delivered, () => `delivered, ${laneText(lane)}`);
      check(of('filtered'), total(progress.filtered), () => `filtered, ${laneText(lane)}`);
      check(of('dead'), progress.dead + letters, () => `dead and queued, ${laneText(lane)}`);
    }
    const repeats = state.repeatCounts(0);
    for (const [source, sequence] of state.counts.sequences(0)) {
      if (sequence === NONE_COUNTED) continue;
      const duplicates = hours(source, '', 'duplicate');
      const uncounted = sequence - hours(source, '', 'accepted') - duplicates;
      const before = this.#uncounted.get(source) ?? uncounted;
      this.#uncounted.set(source, before);
      check(uncounted, before, () => `not counted of ${source}`);
      check(duplicates, repeats.get(source) ?? 0, () => `duplicates of ${source}`);
    }
    const now = (source: string, pipeline: string | undefined, outcome: string) =>
      router.counts
        .of({ source, from: 0, until: FOREVER, step: STEP_HOURS })
        .filter((one) => one.pipeline === pipeline && one.outcome === outcome)
        .reduce((sum, { count }) => sum + count, 0);
    for (const { source, pipeline, replay, delivered, filtered } of lanes) {
      if (replay !== '') continue;
      check(now(source, pipeline, 'delivered'), delivered, () => `delivered by now, ${pipeline}`);
      check(now(source, pipeline, 'filtered'), total(filtered), () => `filtered by now, ${pipeline}`);
    }
    return faults;
  }
}

type Sums = Life['state']['counts']['sums'];

/** Adds up all hours and types. */
function sums(read: Sums): (source: string, pipeline: string, outcome: string) => number {
  return (source, pipeline, outcome) =>
    read(source, 0, STEP_HOURS, STEP_HOURS)
      .filter((sum) => sum.pipeline === pipeline && sum.outcome === outcome)
      .reduce((all, { count }) => all + count, 0);
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
