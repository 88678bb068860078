import type { TakenRecord } from './intake.ts';

/** So many events of one source and one type. */
export interface Run {
  readonly source: string;
  readonly type: TakenRecord['type'];
  readonly count: number;
}

/**
 * How many events of which source and type a request has: nearly always one run, or a few. It is what the door remembers
 * of a request while its events are being stored; the records themselves would be thousands of objects that outlive a
 * garbage collection.
 */
export function tallyOf(records: readonly TakenRecord[]): readonly Run[] {
  const runs: { source: string; type: TakenRecord['type']; count: number }[] = [];
  for (const { source, type } of records) {
    const isOf = (run: Run) => run.source === source && run.type === type;
    const known = runs.findLast(isOf);
    if (known === undefined) runs.push({ source, type, count: 1 });
    else known.count += 1;
  }
  return runs;
}
