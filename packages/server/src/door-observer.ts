import type { DoorCounts } from './activity/door-counts.ts';
import type { DoorObserver } from './ingest/observer.ts';
import type { Metrics } from './platform/metrics.ts';

/** Tells the metrics, and whoever counts by the hour, what the door does. */
export function doorObserver(metrics: Metrics, counts: DoorCounts): DoorObserver {
  return {
    accepted(source, type, count) {
      metrics.accepted(source, count);
      counts.accepted(source, type, count);
    },
    rejected(source, reason, count) {
      metrics.rejected(source, reason, count);
      counts.rejected(source, reason, count);
    },
    acceptSeconds: metrics.acceptSeconds,
  };
}
