import type { Pipeline } from '../store/workspace.ts';
import type { Head } from './head/head.ts';
import type { Verdicts } from './head/verdicts.ts';
import type { LaneSet } from './lane-set.ts';
import type { LaneSnapshot } from './messages.ts';
import type { DeliveryState } from './state/delivery-state.ts';
import type { LaneKey, LaneProgress } from './state/rows.ts';

export interface LaneSnapshotsOptions {
  readonly state: DeliveryState;
  readonly lanes: LaneSet;
  readonly heads: readonly Head[];
  readonly verdicts: readonly Verdicts[];
}

/** How every lane of these pipelines stands at this moment, also those that do not run; in the pipelines' order. */
export function laneSnapshots(
  { state, lanes, heads, verdicts }: LaneSnapshotsOptions,
  pipelines: readonly Pipeline[],
): LaneSnapshot[] {
  const known = Map.groupBy(state.lanes(), ({ lane }) => lane.pipeline);
  return pipelines.flatMap(({ id, source }) =>
    (known.get(id) ?? []).map(({ lane: key, progress }) => {
      const lane = lanes.lane(key);
      if (lane === undefined) return resting(key, source, progress, verdicts[key.partition]);
      return { ...lane.snapshot(), repeatsAhead: heads[key.partition]?.repeatsAhead(lane) ?? 0 };
    }),
  );
}

/** Of a lane that does not run. */
function resting(
  key: LaneKey,
  source: string,
  { startSequence, sequence, delivered, filtered, dead, repeats, held, end, position }: LaneProgress,
  verdicts: Verdicts | undefined,
): LaneSnapshot {
  const until = end?.position ?? verdicts?.decided ?? position;
  return {
    ...key,
    source,
    startSequence,
    endSequence: end?.sequence,
    sequence,
    delivered,
    filtered,
    dead,
    repeats,
    repeatsAhead: verdicts?.count(source, position, until) ?? 0,
    window: 0,
    held,
    trouble: 'off',
    outcomes: { delivered: 0, filtered: 0, dead: 0, retried: 0, paused: 0 },
  };
}
