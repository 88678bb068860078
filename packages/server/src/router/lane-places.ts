import type { Pipeline } from '../store/workspace.ts';
import type { KnownLane, LaneKey, LaneProgress } from './delivery-state.ts';
import type { LaneStart, Report } from './messages.ts';

/** Where lanes have to be moved to before any of them runs. */
export interface SetBack {
  readonly moved: readonly KnownLane[];
  /** Lanes of pipelines that are gone: should one come back, it begins like a new one. */
  readonly forgotten: readonly LaneKey[];
}

/**
 * Finds the lanes that stand beyond the head of a log that lost its end, and sets them back to that head. Else they
 * would pass over every new event until the log has grown to where they stand.
 */
export function setBackToHeads(
  known: readonly KnownLane[],
  pipelines: readonly Pipeline[],
  starts: readonly LaneStart[],
  report: Report,
): SetBack {
  const moved: KnownLane[] = [];
  const forgotten: LaneKey[] = [];
  for (const { lane, progress } of known) {
    const head = starts[lane.partition];
    if (head === undefined || progress.position <= head.position) continue;
    const pipeline = pipelines.find(({ id }) => id === lane.pipeline);
    report('error', LOST_END, {
      ...lane,
      name: pipeline?.name ?? '(no longer in the workspace)',
      positions: progress.position - head.position,
    });
    if (pipeline === undefined) forgotten.push(lane);
    else moved.push({ lane, progress: setBack(progress, pipeline.source, head) });
  }
  return { moved, forgotten };
}

const LOST_END =
  'The log ends before the place that this pipeline had reached: its files were damaged, removed or replaced by ' +
  'older ones. What was delivered before stays delivered, and new events are delivered from here on. Accepted ' +
  'events that were lost with the end of the log cannot be delivered; look at the disk and at how the data ' +
  'directory is backed up.';

/** The place of a lane that never ran: behind all that the log holds. */
export function placeAtHead(source: string, { position, sequences }: LaneStart): LaneProgress {
  const sequence = sequences.get(source) ?? 0;
  return { position, startSequence: sequence, sequence, delivered: 0, filtered: 0, dead: 0 };
}

/**
 * At the head, with all of its counts. The log gives the lost sequences out again, so the start moves back by as
 * many: accepted still counts what was lost after it was settled, and goes on to equal
 * delivered + filtered + dead + pending.
 */
function setBack({ delivered, filtered, dead }: LaneProgress, source: string, head: LaneStart): LaneProgress {
  const { position, sequence } = placeAtHead(source, head);
  const startSequence = sequence - (delivered + filtered + dead);
  return { position, startSequence, sequence, delivered, filtered, dead };
}
