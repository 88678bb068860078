import type { ReplayStatus } from '../activity/delivery-views.ts';
import type { DeliverySnapshot, LedgerRow } from '../platform/metrics.ts';
import type { LaneSnapshot, RouterSnapshot } from './messages.ts';
import type { ReplayRow } from './state/replay-rows.ts';

type DeliveryCount = DeliverySnapshot['deliveries'][number];

/** Before the lanes have started. */
const NO_LANES: RouterSnapshot = {
  lanes: [],
  repeats: new Map(),
  latency: { bounds: [], counts: [], sumSeconds: 0 },
};

/**
 * The ledger as it stands: each lane's own counts beside the sequences that the log has given out. `accepted` and
 * `pending` count from the moment on at which the pipeline was first seen. Replays are not in it: each has a row of its
 * own.
 */
export function deliverySnapshot(
  { lanes, repeats, latency }: RouterSnapshot = NO_LANES,
  sequences: ReadonlyMap<string, number>,
): DeliverySnapshot {
  return {
    ledger: lanes.filter(({ replay }) => replay === '').map((lane) => ledgerRow(lane, sequences)),
    deliveries: lanes.flatMap(deliveryCounts),
    filtered: lanes.flatMap(({ source, pipeline, filtered }) =>
      Array.from(filtered, ([rule, count]) => ({ source, pipeline, rule, count })),
    ),
    duplicates: repeats,
    deliverySeconds: latency,
  };
}

/** A replay and its row of the ledger, added up over its lanes. */
export function replayStatusOf(row: ReplayRow, lanes: readonly LaneSnapshot[]): ReplayStatus {
  const sum = { accepted: 0, delivered: 0, filtered: 0, dead: 0, pending: 0 };
  for (const lane of lanes) {
    if (lane.replay !== row.id) continue;
    const { source, pipeline, ...counts } = ledgerRow(lane, new Map());
    sum.accepted += counts.accepted;
    sum.delivered += counts.delivered;
    sum.filtered += counts.filtered;
    sum.dead += counts.dead;
    sum.pending += counts.pending;
  }
  return { ...row, ...sum };
}

function ledgerRow(lane: LaneSnapshot, sequences: ReadonlyMap<string, number>): LedgerRow {
  const { source, pipeline, startSequence, endSequence, sequence, delivered, dead, window, held } = lane;
  // The lane may have read what is durable before this thread heard of it.
  const last = endSequence ?? Math.max(sequences.get(source) ?? 0, sequence);
  return {
    source,
    pipeline,
    accepted: last - startSequence - lane.repeats - lane.repeatsAhead,
    delivered,
    filtered: [...lane.filtered.values()].reduce((sum, count) => sum + count, 0),
    dead,
    pending: last - sequence - lane.repeatsAhead + window + held,
  };
}

function deliveryCounts({ source, pipeline, outcomes }: LaneSnapshot): DeliveryCount[] {
  return Object.entries(outcomes).map(([outcome, count]) => ({ source, pipeline, outcome, count }));
}
