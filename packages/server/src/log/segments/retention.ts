import type { Retention } from '../../platform/quantity.ts';
import type { LogReport } from './damage.ts';
import type { LogStorage } from './log-storage.ts';
import { indexName, segmentName } from './segment-names.ts';

export interface ClosedSegment {
  readonly base: number;
  /** When its last record was written, at the latest; unknown when no later segment's opening can be read. */
  readonly closedAt: number | undefined;
}

interface DropOptions {
  readonly segments: readonly ClosedSegment[];
  readonly open: { readonly base: number; readonly bytes: number };
  readonly retention: Retention;
  readonly now: number;
  readonly storage: LogStorage;
  readonly beforeDrop: (firstKept: number) => void;
  readonly report: LogReport;
}

/**
 * Drops whole segments from the oldest on, never the open one. A segment whose age is unknown is kept until the
 * size demands that it goes. The newest closed one stays until the open one has its file: positions and sequences
 * go on from the newest file, and without any they would start over.
 *
 * @returns the closed segments that are left.
 */
export function dropExpired(options: DropOptions): ClosedSegment[] {
  const { segments, open, retention, now, storage, report } = options;
  let total = open.bytes;
  for (const { base } of segments) total += storage.size(segmentName(base));
  const kept = [...segments];
  const keptAtLeast = open.bytes === 0 ? 1 : 0;
  for (let oldest = kept[0]; oldest !== undefined && kept.length > keptAtLeast; oldest = kept[0]) {
    const isOld = oldest.closedAt !== undefined && now - oldest.closedAt > retention.ageMs;
    if (!isOld && total <= retention.bytes) break;
    kept.shift();
    options.beforeDrop(kept[0]?.base ?? open.base);
    const name = segmentName(oldest.base);
    total -= storage.size(name);
    // The index first: without its segment nobody would ever look at it again.
    storage.remove(indexName(oldest.base));
    storage.remove(name);
    // One after the other: after a crash the oldest may be back, but never with a hole behind it.
    storage.syncNames();
    report.dropped(name);
  }
  for (const { base } of kept) storage.release(segmentName(base));
  return kept;
}
