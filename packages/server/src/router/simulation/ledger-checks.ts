import { deliverySnapshot } from '../ledger.ts';
import type { DeliveryState } from '../state/delivery-state.ts';
import { type LaneKey, laneText } from '../state/rows.ts';
import type { Life } from './life.ts';

/** What is wrong with the counts at this moment: those in memory, and those that are durable. */
export function ledgerFaults({ router, log: { log }, state }: Life): readonly string[] {
  const faults: string[] = [];
  const check = (isSo: boolean, what: () => string) => {
    if (!isSo) faults.push(what());
  };
  const snapshot = router.snapshot();
  for (const lane of snapshot.lanes) {
    const { sequence, startSequence, delivered, dead, repeats, window, held } = lane;
    const sum = delivered + total(lane.filtered) + dead + repeats + window + held;
    check(
      sequence - startSequence === sum,
      () => `live counts of ${laneText(lane)}: ${JSON.stringify(lane)}`,
    );
    check(Math.min(delivered, dead, repeats, window, held) >= 0, () => `below zero: ${JSON.stringify(lane)}`);
  }
  for (const row of deliverySnapshot(snapshot, log.sequences()).ledger) {
    const { accepted, delivered, filtered, dead, pending } = row;
    check(accepted === delivered + filtered + dead + pending, () => `ledger row ${JSON.stringify(row)}`);
    check(pending >= 0, () => `pending below zero: ${JSON.stringify(row)}`);
  }
  const rows = rowCounts(state);
  for (const { lane, progress } of state.lanes()) {
    const { sequence, startSequence, delivered, filtered, dead, repeats, held } = progress;
    const sum = delivered + total(filtered) + dead + repeats + held;
    const about = () => `${laneText(lane)}: ${JSON.stringify(progress)}`;
    check(sequence - startSequence === sum, () => `durable counts of ${about()}`);
    const count = (...states: readonly string[]) => states.reduce((all, one) => all + rows(lane, one), 0);
    check(held === count('parked', 'queued'), () => `${count('parked', 'queued')} held rows of ${about()}`);
    check(dead === count('dead', 'lost'), () => `${count('dead', 'lost')} dead rows of ${about()}`);
  }
  return faults;
}

/** How many events a lane's rows of one state stand for. */
function rowCounts(state: DeliveryState): (lane: LaneKey, state: string) => number {
  const sql =
    'SELECT pipeline, replay, partition, state, sum(count) AS count FROM exceptions GROUP BY 1, 2, 3, 4';
  const counts = new Map<string, number>();
  for (const { pipeline, replay, partition, state: kind, count } of state.db.prepare(sql).all())
    counts.set(JSON.stringify([pipeline, partition, replay, kind]), Number(count));
  return ({ pipeline, partition, replay }, kind) =>
    counts.get(JSON.stringify([pipeline, partition, replay, kind])) ?? 0;
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
