import type { Pipeline } from '../store/workspace.ts';
import type { LaneStart, Report } from './messages.ts';
import { type Cell, Cells } from './state/cells.ts';
import type { DeliveryState } from './state/delivery-state.ts';
import type { ExceptionRow, KnownLane, LaneCommit, LaneKey, LaneProgress } from './state/rows.ts';

/** Where lanes have to be moved to before any of them runs. */
export interface SetBack {
  readonly moved: readonly LaneCommit[];
  /** Lanes of pipelines that are gone: should one come back, it begins like a new one. */
  readonly forgotten: readonly LaneKey[];
}

const LOST = 'lost with the end of the log';

/**
 * Finds the lanes that stand beyond the head of a log that lost its end, and sets them back to that head. Else they
 * would pass over every new event until the log has grown to where they stand.
 */
export function setBackToHeads(
  state: DeliveryState,
  pipelines: readonly Pipeline[],
  starts: readonly LaneStart[],
  report: Report,
): SetBack {
  const moved: LaneCommit[] = [];
  const forgotten: LaneKey[] = [];
  for (const known of state.lanes()) {
    const { lane, progress } = known;
    const head = starts[lane.partition];
    if (head === undefined || progress.position <= head.position) continue;
    const pipeline = pipelines.find(({ id }) => id === lane.pipeline);
    report('error', LOST_END, {
      pipeline: lane.pipeline,
      partition: lane.partition,
      name: pipeline?.name ?? '(no longer in the workspace)',
      positions: progress.position - head.position,
    });
    if (pipeline === undefined) forgotten.push(lane);
    else moved.push(setBack(state, known, pipeline.source, head));
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
  const counts = { delivered: 0, filtered: new Map(), dead: 0, held: 0, repeats: 0 };
  return { position, startSequence: sequence, sequence, ...counts };
}

/**
 * At the head, with all of its counts; events that waited and are lost with the log are dead. The log gives the lost
 * sequences out again, so the start moves back by as many: accepted still counts what was lost after it was settled,
 * and goes on to equal delivered + filtered + dead + pending.
 */
function setBack(
  state: DeliveryState,
  { lane, progress }: KnownLane,
  source: string,
  head: LaneStart,
): LaneCommit {
  const lost = state.parked(lane).filter(({ position }) => position >= head.position);
  const { position, sequence } = placeAtHead(source, head);
  const { delivered, filtered, repeats, end } = progress;
  const dead = progress.dead + lost.length;
  const held = progress.held - lost.length;
  const filteredCount = [...filtered.values()].reduce((sum, count) => sum + count, 0);
  const startSequence = sequence - (delivered + filteredCount + dead + held + repeats);
  const isOver = end !== undefined;
  return {
    lane,
    progress: {
      position,
      startSequence,
      sequence,
      delivered,
      filtered,
      dead,
      held,
      repeats,
      end: isOver ? { position, sequence } : undefined,
    },
    saved: lost.map((row) => ({ ...row, state: 'lost', reason: LOST })),
    removed: [],
    source,
    cells: deadCells(lost),
  };
}

function deadCells(lost: readonly ExceptionRow[]): readonly Cell[] {
  const cells = new Cells();
  for (const { slot } of lost) cells.add(slot, 'dead');
  return cells.all();
}
