import type { NewRecord } from '../log/event-log.ts';

/** So many events of one source, next to each other in their request. */
export interface Run {
  readonly source: string;
  readonly count: number;
}

/**
 * How many events of which source a request has: nearly always one run. It is what the door remembers of a request while
 * its events are being stored; the records themselves would be thousands of objects that outlive a garbage collection.
 */
export function tallyOf(records: readonly NewRecord[]): readonly Run[] {
  const runs: Run[] = [];
  let counted = 0;
  for (let at = 1; at <= records.length; at++) {
    const source = records[at - 1]?.source;
    if (source === undefined || source === records[at]?.source) continue;
    runs.push({ source, count: at - counted });
    counted = at;
  }
  return runs;
}
