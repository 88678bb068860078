import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { ANSWER_BOUNDS, Histogram, type HistogramSnapshot, histogramText } from './histogram.ts';

/**
 * Where the events of one pipeline are: accepted = delivered + filtered + dead + pending, always. Rows of one
 * pipeline add up.
 */
export interface LedgerRow {
  readonly source: string;
  readonly pipeline: string;
  readonly accepted: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly dead: number;
  readonly pending: number;
}

/** How often one pipeline came to one outcome since the start: of an event, or of an attempt that is to be repeated. */
interface DeliveryCount {
  readonly source: string;
  readonly pipeline: string;
  readonly outcome: string;
  readonly count: number;
}

/** How many events one rule has kept from one pipeline. */
interface FilteredCount {
  readonly source: string;
  readonly pipeline: string;
  readonly rule: string;
  readonly count: number;
}

/**
 * What the lanes know, as it stands when somebody looks. Plain data, so that it may come from another thread.
 */
export interface DeliverySnapshot {
  readonly ledger: readonly LedgerRow[];
  readonly deliveries: readonly DeliveryCount[];
  readonly filtered: readonly FilteredCount[];
  /** Events seen again within the window, by source. */
  readonly duplicates?: ReadonlyMap<string, number>;
  /** From accepted to delivered. */
  readonly deliverySeconds: HistogramSnapshot;
}

/** The metrics of the process. The methods that count are for the hot path: they make no object. */
export interface Metrics {
  accepted(source: string, count: number): void;
  /** `source` is undefined when the write key was not known. */
  rejected(source: string | undefined, reason: string, count: number): void;
  /** From the headers of a request whose events were stored to its answer. */
  acceptSeconds(seconds: number): void;
  /** From handing a group to the log to its being durable. */
  logCommitSeconds(seconds: number): void;
  /** Everything in the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** The label of rejected events that belong to no known source. */
const UNKNOWN_SOURCE = '';

/** Milliseconds between samples of the event loop's delay: more of them would wake an idle process. */
const EVENT_LOOP_SAMPLE_MS = 100;

/**
 * Metrics of one process; `snapshot` is called at each scrape. `nameOf` names a source for people: its Source ID is its
 * write key, which whoever may look at metrics need not know.
 */
export function createMetrics(
  snapshot: () => DeliverySnapshot | Promise<DeliverySnapshot>,
  nameOf: (source: string) => string,
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const accepted = new Map<string, number>();
  const rejected = new Map<string, Map<string, number>>();
  const acceptSeconds = new Histogram(ANSWER_BOUNDS);
  const logCommitSeconds = new Histogram(ANSWER_BOUNDS);

  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS });
  new Counter({
    name: 'metarouter_events_accepted_total',
    help: 'Events accepted, by source.',
    labelNames: ['source'],
    registers,
    collect() {
      this.reset();
      for (const [source, count] of accepted) this.inc({ source: nameOf(source) }, count);
    },
  });
  new Counter({
    name: 'metarouter_events_rejected_total',
    help: 'Events refused, by source (empty when it is not known) and reason.',
    labelNames: ['source', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const [source, reasons] of rejected) {
        for (const [reason, count] of reasons) this.inc({ source: nameOf(source), reason }, count);
      }
    },
  });
  const delivery = deliveryMetrics(registers, nameOf);

  return {
    accepted: (source, count) => add(accepted, source, count),
    rejected(source = UNKNOWN_SOURCE, reason, count) {
      const reasons = rejected.get(source) ?? new Map<string, number>();
      rejected.set(source, reasons);
      add(reasons, reason, count);
    },
    acceptSeconds: (seconds) => acceptSeconds.add(seconds),
    logCommitSeconds: (seconds) => logCommitSeconds.add(seconds),
    contentType: registry.contentType,
    async text() {
      const found = await snapshot();
      delivery.fill(found);
      return [
        await registry.metrics(),
        histogramText('metarouter_accept_seconds', 'From request to answer.', acceptSeconds.snapshot()),
        histogramText(
          'metarouter_log_commit_seconds',
          'From append to durable.',
          logCommitSeconds.snapshot(),
        ),
        histogramText('metarouter_delivery_seconds', 'From accepted to delivered.', found.deliverySeconds),
      ].join('\n');
    },
  };
}

/** The metrics of the lanes: filled anew at each scrape. */
function deliveryMetrics(registers: Registry[], nameOf: (source: string) => string) {
  const ledger = new Gauge({
    name: 'metarouter_ledger',
    help: 'Events of a pipeline by state: accepted = delivered + filtered + dead + pending.',
    labelNames: ['source', 'pipeline', 'state'],
    registers,
  });
  const deliveries = new Counter({
    name: 'metarouter_deliveries_total',
    help: 'What came of a pipeline: delivered, filtered and dead count events, retried and paused count attempts.',
    labelNames: ['source', 'pipeline', 'outcome'],
    registers,
  });
  const filtered = new Counter({
    name: 'metarouter_events_filtered_total',
    help: 'Events that were not meant for a pipeline, by the rule that says so.',
    labelNames: ['source', 'pipeline', 'rule'],
    registers,
  });
  const duplicates = new Counter({
    name: 'metarouter_events_duplicate_total',
    help: 'Events seen again, by source.',
    labelNames: ['source'],
    registers,
  });
  return {
    fill(found: DeliverySnapshot) {
      for (const metric of [ledger, deliveries, filtered, duplicates]) metric.reset();
      for (const { source: id, pipeline, ...states } of found.ledger) {
        const source = nameOf(id);
        for (const state of LEDGER_STATES) ledger.inc({ source, pipeline, state }, states[state]);
      }
      for (const { source, pipeline, outcome, count } of found.deliveries) {
        deliveries.inc({ source: nameOf(source), pipeline, outcome }, count);
      }
      for (const { source, pipeline, rule, count } of found.filtered)
        filtered.inc({ source: nameOf(source), pipeline, rule }, count);
      for (const [source, count] of found.duplicates ?? []) duplicates.inc({ source: nameOf(source) }, count);
    },
  };
}

const LEDGER_STATES = ['accepted', 'delivered', 'filtered', 'dead', 'pending'] as const;

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
