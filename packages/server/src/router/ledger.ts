import type { DeliverySnapshot } from '../platform/metrics.ts';
import type { LaneSnapshot, RouterSnapshot } from './messages.ts';

type LedgerRow = DeliverySnapshot['ledger'][number];
type DeliveryCount = DeliverySnapshot['deliveries'][number];

/** Before the lanes have started. */
const NO_LANES: RouterSnapshot = { lanes: [], latency: { bounds: [], counts: [], sumSeconds: 0 } };

/**
 * The ledger as it stands: each lane's own counts beside the sequences that the log has given out. `accepted`
 * and `pending` count from the moment on at which the pipeline was first seen.
 */
export function deliverySnapshot(
  { lanes, latency }: RouterSnapshot = NO_LANES,
  sequences: ReadonlyMap<string, number>,
): DeliverySnapshot {
  return {
    ledger: lanes.map((lane) => ledgerRow(lane, sequences)),
    deliveries: lanes.flatMap(deliveryCounts),
    deliverySeconds: latency,
  };
}

function ledgerRow(lane: LaneSnapshot, sequences: ReadonlyMap<string, number>): LedgerRow {
  const { source, pipeline, startSequence, sequence, delivered, filtered, dead, window } = lane;
  // The lane may have read what is durable before this thread heard of it.
  const last = Math.max(sequences.get(source) ?? 0, sequence);
  const accepted = last - startSequence;
  return { source, pipeline, accepted, delivered, filtered, dead, pending: last - sequence + window };
}

function deliveryCounts({ source, pipeline, outcomes }: LaneSnapshot): DeliveryCount[] {
  return Object.entries(outcomes).map(([outcome, count]) => ({ source, pipeline, outcome, count }));
}
