import { describe, expect, test } from 'vitest';
import { ANSWER_BOUNDS, Histogram } from './histogram.ts';
import { createMetrics, type DeliverySnapshot } from './metrics.ts';

const nothing: DeliverySnapshot = {
  ledger: [],
  deliveries: [],
  filtered: [],
  deliverySeconds: new Histogram(ANSWER_BOUNDS).snapshot(),
};

/** A source's name, in place of its write key. */
const nameOf = (source: string) => (source === '' ? '' : `Acme/${source}`);

/** The lines of a scrape that begin like this. */
async function linesOf(metrics: ReturnType<typeof createMetrics>, start: string) {
  const text = await metrics.text();
  return text.split('\n').filter((line) => line.startsWith(start));
}

describe('metrics', () => {
  test('what the door counts is there at the next scrape, once', async () => {
    const metrics = createMetrics(() => nothing, nameOf);
    metrics.accepted('web', 2);
    metrics.accepted('web', 1);
    metrics.rejected('web', 'invalid_event', 1);
    metrics.rejected(undefined, 'invalid_write_key', 4);
    for (const _ of ['first scrape', 'second scrape']) {
      expect(await linesOf(metrics, 'metarouter_events_')).toEqual([
        'metarouter_events_accepted_total{source="Acme/web"} 3',
        'metarouter_events_rejected_total{source="Acme/web",reason="invalid_event"} 1',
        'metarouter_events_rejected_total{source="",reason="invalid_write_key"} 4',
      ]);
    }
  });

  test('the ledger and the deliveries are those of the moment of the scrape', async () => {
    let pending = 2;
    const metrics = createMetrics(
      () => ({
        ...nothing,
        ledger: [
          { source: 'web', pipeline: 'hooks', accepted: 5, delivered: 3, filtered: 0, dead: 0, pending },
        ],
        deliveries: [{ source: 'web', pipeline: 'hooks', outcome: 'delivered', count: 3 }],
        duplicates: new Map([['web', 7]]),
      }),
      nameOf,
    );
    await metrics.text();
    pending = 1;
    expect(await linesOf(metrics, 'metarouter_ledger')).toEqual([
      'metarouter_ledger{source="Acme/web",pipeline="hooks",state="accepted"} 5',
      'metarouter_ledger{source="Acme/web",pipeline="hooks",state="delivered"} 3',
      'metarouter_ledger{source="Acme/web",pipeline="hooks",state="filtered"} 0',
      'metarouter_ledger{source="Acme/web",pipeline="hooks",state="dead"} 0',
      'metarouter_ledger{source="Acme/web",pipeline="hooks",state="pending"} 1',
    ]);
    expect(await linesOf(metrics, 'metarouter_deliveries_total')).toEqual([
      'metarouter_deliveries_total{source="Acme/web",pipeline="hooks",outcome="delivered"} 3',
    ]);
    expect(await linesOf(metrics, 'metarouter_events_duplicate')).toEqual([
      'metarouter_events_duplicate_total{source="Acme/web"} 7',
    ]);
  });

  test('the rows of one pipeline in several partitions add up', async () => {
    const row = {
      source: 'web',
      pipeline: 'hooks',
      accepted: 5,
      delivered: 3,
      filtered: 0,
      dead: 0,
      pending: 2,
    };
    const metrics = createMetrics(() => ({ ...nothing, ledger: [row, row] }), nameOf);
    expect(await linesOf(metrics, 'metarouter_ledger')).toContain(
      'metarouter_ledger{source="Acme/web",pipeline="hooks",state="accepted"} 10',
    );
  });

  test('durations fall into buckets that add up', async () => {
    const delivery = new Histogram([0.01, 60]);
    for (const seconds of [0.02, 0.02, 60, 100]) delivery.add(seconds);
    const metrics = createMetrics(() => ({ ...nothing, deliverySeconds: delivery.snapshot() }), nameOf);
    metrics.acceptSeconds(0.001);
    metrics.logCommitSeconds(0.0002);
    const lines = await linesOf(metrics, 'metarouter_');
    expect(lines).toEqual(
      expect.arrayContaining([
        'metarouter_accept_seconds_bucket{le="0.0005"} 0',
        'metarouter_accept_seconds_bucket{le="0.001"} 1',
        'metarouter_accept_seconds_count 1',
        'metarouter_log_commit_seconds_sum 0.0002',
        'metarouter_delivery_seconds_bucket{le="0.01"} 0',
        'metarouter_delivery_seconds_bucket{le="60"} 3',
        'metarouter_delivery_seconds_bucket{le="+Inf"} 4',
        'metarouter_delivery_seconds_count 4',
      ]),
    );
  });
});
