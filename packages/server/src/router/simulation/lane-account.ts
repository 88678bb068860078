import type { Pipeline } from '../../store/workspace.ts';
import type { DeliveryState } from '../state/delivery-state.ts';
import type { LaneKey } from '../state/rows.ts';
import type { AcceptedEvent } from './accepted.ts';
import type { Evidence } from './evidence.ts';
import { ruleOf } from './simulated-pipelines.ts';

/** A row, as far as accounts need it. */
export interface AccountRow {
  readonly state: string;
  readonly sequence: number;
  readonly count: number;
  readonly reason: string;
}

/** What became of an event in one lane, by what receivers and rows say; `lost` when nothing says so. */
export type Standing = 'repeat' | 'dead' | 'held' | 'delivered' | 'lost' | { readonly rule: string };

/** All rows of a lane. */
export function rowsOf(state: DeliveryState, { pipeline, replay, partition }: LaneKey): readonly AccountRow[] {
  const rows = state.db
    .prepare(
      'SELECT state, sequence, count, reason FROM exceptions WHERE pipeline = ? AND replay = ? AND partition = ?',
    )
    .all(pipeline, replay, partition);
  return rows.map(({ state: kind, sequence, count, reason }) => ({
    state: String(kind),
    sequence: Number(sequence),
    count: Number(count),
    reason: String(reason),
  }));
}

/** Says of each event what became of it. */
export function standingIn(
  rows: readonly AccountRow[],
  versions: readonly Pipeline[],
  evidence: Evidence,
): (event: AcceptedEvent) => Standing {
  const bySequence = new Map<number, AccountRow>();
  for (const row of rows)
    for (let back = 0; back < row.count; back += 1) bySequence.set(row.sequence - back, row);
  const [first] = versions;
  const needed = versions.length === 1 && first !== undefined ? urlCount(first) : 1;
  return (event) => {
    const row = bySequence.get(event.sequence);
    if (row !== undefined) return row.state === 'dead' || row.state === 'lost' ? 'dead' : 'held';
    if (event.isRepeat) return 'repeat';
    if (evidence.delivered(first?.id ?? '', event.number) >= needed) return 'delivered';
    for (const version of versions) {
      const rule = ruleOf(version, event.flavour);
      if (rule !== undefined) return { rule };
    }
    return 'lost';
  };
}

function urlCount({ connection: { urls } }: Pipeline): number {
  return Array.isArray(urls) ? urls.length : 1;
}
