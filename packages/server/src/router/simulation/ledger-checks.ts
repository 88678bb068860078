import { deliverySnapshot } from '../ledger.ts';
import { laneText } from '../state/rows.ts';
import type { Life } from './life.ts';
import { rowsOf } from './lane-account.ts';

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
    check(sequence - startSequence === sum, () => `live counts of ${laneText(lane)}: ${JSON.stringify(lane)}`);
    check(Math.min(delivered, dead, repeats, window, held) >= 0, () => `below zero: ${JSON.stringify(lane)}`);
  }
  for (const row of deliverySnapshot(snapshot, log.sequences()).ledger) {
    const { accepted, delivered, filtered, dead, pending } = row;
    check(accepted === delivered + filtered + dead + pending, () => `ledger row ${JSON.stringify(row)}`);
    check(pending >= 0, () => `pending below zero: ${JSON.stringify(row)}`);
  }
  for (const { lane, progress } of state.lanes()) {
    const { sequence, startSequence, delivered, filtered, dead, repeats, held } = progress;
    const sum = delivered + total(filtered) + dead + repeats + held;
    const about = () => `${laneText(lane)}: ${JSON.stringify(progress)}`;
    check(sequence - startSequence === sum, () => `durable counts of ${about()}`);
    const rows = rowsOf(state, lane);
    const count = (states: readonly string[]) =>
      rows.reduce((all, row) => all + (states.includes(row.state) ? row.count : 0), 0);
    check(held === count(['parked', 'queued']), () => `${count(['parked', 'queued'])} held rows of ${about()}`);
    check(dead === count(['dead', 'lost']), () => `${count(['dead', 'lost'])} dead rows of ${about()}`);
  }
  return faults;
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
