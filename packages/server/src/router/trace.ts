import type { Destination, OutgoingRequest, Planner } from '@metarouter/destinations';
import { compileFilter } from '@metarouter/events';
import { z } from 'zod';
import type { EventTrace, PipelineTrace } from '../activity/delivery-views.ts';
import type { LogReader, LogRecord, Position } from '../log/event-log.ts';
import type { Pipeline } from '../store/workspace.ts';
import type { Verdicts } from './head/verdicts.ts';
import type { Lane } from './lane/lane.ts';
import type { RecentExchange } from './lane/recent-exchanges.ts';
import { maskOf } from './mask.ts';
import { parcelOf } from './parcel.ts';
import { type Plan, plan } from './plan.ts';
import { shownRequest } from './shown-request.ts';
import { Configurations } from './state/configurations.ts';
import { isDiskFull, transaction } from './state/database.ts';
import type { DeliveryState } from './state/delivery-state.ts';
import type { Exceptions, LaneException } from './state/exceptions.ts';
import type { LaneKey, LaneProgress } from './state/rows.ts';

export interface TracerOptions {
  readonly log: LogReader;
  readonly state: DeliveryState;
  readonly exceptions: Exceptions;
  readonly verdicts: readonly Verdicts[];
  readonly destinations: ReadonlyMap<string, Destination>;
  /** All pipelines, those that are switched off too. */
  readonly pipelines: () => readonly Pipeline[];
  /** The lane, when it runs. */
  readonly lane: (key: LaneKey) => Lane | undefined;
}

/** The embedded log has one partition. */
const PARTITION = 0;

/**
 * Tells what became of any one event, although what goes well leaves no row: from the log, the lanes' places, the
 * exception rows, what lanes remember of their last exchanges, and, for older events, by deciding again with the settings
 * that were in force.
 */
export class Tracer {
  readonly #options: TracerOptions;
  readonly #configurations: Configurations;

  constructor(options: TracerOptions) {
    this.#options = options;
    this.#configurations = new Configurations(options.state.db);
  }

  /** Notes what pipelines are set to from where they stand on; their secrets are left out. */
  note(pipelines: readonly Pipeline[], partitions: readonly number[]): void {
    const { state } = this.#options;
    try {
      transaction(state.db, () => {
        for (const pipeline of pipelines) {
          for (const partition of partitions) {
            const place = state.lane({ pipeline: pipeline.id, partition, replay: '' })?.position;
            if (place !== undefined) this.#note(pipeline, partition, place);
          }
        }
      });
    } catch (error) {
      // Without a note traces go by the settings of today; delivery must not wait for it.
      if (!isDiskFull(error)) throw error;
    }
  }

  #note(pipeline: Pipeline, partition: number, position: Position): void {
    const destination = this.#options.destinations.get(pipeline.destination);
    const { connection, config, filter } = pipeline;
    const settings = {
      destination: pipeline.destination,
      connection: withoutSecrets(connection, destination?.connection ?? {}),
      config: withoutSecrets(config, destination?.config ?? {}),
      filter,
    };
    this.#configurations.note(pipeline.id, partition, position, JSON.stringify(settings));
  }

  /** Forgets settings that were in force only for records that the log has no more. */
  trim(partition: number, first: Position): void {
    this.#configurations.trim(partition, first);
  }

  /** Every record with this message id, oldest first: more than one when it was repeated. */
  trace(source: string, messageId: string): EventTrace[] {
    const { log, verdicts, state } = this.#options;
    const lanes = state.lanes().filter(({ lane }) => lane.partition === PARTITION);
    const rows = this.#options.exceptions.ofMessage(messageId);
    return log.find(source, messageId).map((record) => {
      const { position, sequence, receivedAt } = record;
      const isRepeat = verdicts[PARTITION]?.between(position, position + 1).has(position) ?? false;
      const parcel = parcelOf(record);
      const traces = this.#options.pipelines().flatMap((pipeline) => {
        if (pipeline.source !== source) return [];
        return lanes
          .filter(({ lane }) => lane.pipeline === pipeline.id)
          .map((known): PipelineTrace => this.#ofLane(pipeline, known, record, isRepeat, rows));
      });
      const event = Buffer.from(parcel.bytes).toString();
      return { source, messageId, position, sequence, receivedAt, isRepeat, event, pipelines: traces };
    });
  }

  #ofLane(
    pipeline: Pipeline,
    { lane: key, progress }: { readonly lane: LaneKey; readonly progress: LaneProgress },
    record: LogRecord,
    isRepeat: boolean,
    rows: readonly LaneException[],
  ): PipelineTrace {
    const lane = this.#options.lane(key);
    const row = rows.find((one) => isOf(one, key) && one.sequence === record.sequence);
    const { startSequence, end } = progress;
    const { sequence } = record;
    const waiting = lane?.waitsFor(sequence);
    const isUnread = sequence > (lane?.snapshot().sequence ?? progress.sequence);
    const isAhead = isUnread || waiting !== undefined || row?.state === 'parked' || row?.state === 'queued';
    // What is still to be sent goes by the settings of today, and so did what a replay sent.
    const isNoted = !isAhead && key.replay === '';
    const noted = isNoted ? this.#configurations.at(key.pipeline, PARTITION, record.position) : undefined;
    const planned = this.#plan(pipeline, noted, record);
    const shown = this.#shownBy(pipeline);
    const about = {
      ...key,
      name: pipeline.name,
      destination: pipeline.destination,
      requests: planned?.kind === 'send' ? planned.requests.map(shown.request) : [],
      notes: planned?.kind === 'send' ? planned.notes : [],
      exchanges: lane?.recent.of(record.messageId).map(shown.exchange) ?? [],
    };
    if (sequence <= startSequence || (end !== undefined && sequence > end.sequence))
      return { ...about, outcome: 'before' };
    if (isRepeat) return { ...about, outcome: 'repeat', requests: [], notes: [] };
    const failure = row === undefined ? {} : failureOf(row);
    if (row?.state === 'dead' || row?.state === 'lost') return { ...about, ...failure, outcome: 'dead' };
    if (row?.state === 'queued') return { ...about, ...failure, outcome: 'redelivering' };
    if (waiting !== undefined) {
      // Of an attempt before a restart only the row knows.
      const { state, dueInMs, attempts, reason = row?.reason } = waiting;
      return { ...about, ...failure, outcome: 'waiting', attempts, reason, waits: { state, dueInMs } };
    }
    if (row?.state === 'parked') return { ...about, ...failure, outcome: 'waiting', waits: { state: 'off' } };
    if (isUnread) return { ...about, outcome: 'unread' };
    const lost = this.#options.exceptions.lostAt(key, sequence);
    if (lost !== undefined) return { ...about, ...failureOf(lost), outcome: 'dead' };
    if (planned?.kind === 'filtered')
      return { ...about, outcome: 'filtered', rule: planned.rule, reason: planned.reason };
    return { ...about, outcome: 'delivered' };
  }

  /** What the noted settings make of the record, or those of today; undefined when they cannot be used any more. */
  #plan(pipeline: Pipeline, noted: string | undefined, record: LogRecord): Plan | undefined {
    const { destinations } = this.#options;
    const settings = noted === undefined ? undefined : SETTINGS.safeParse(JSON.parse(noted)).data;
    const { destination: code, connection, config, filter } = settings ?? pipeline;
    const destination = destinations.get(code);
    const compiled = compileFilter(filter);
    if (destination === undefined || !compiled.ok) return undefined;
    // Secrets are as they are today: those of the time were not noted.
    const filled = { ...pipeline.connection, ...connection };
    let planner: Planner;
    try {
      planner = destination.prepare(filled, { ...pipeline.config, ...config });
    } catch {
      return undefined;
    }
    return plan(parcelOf(record).event, { destination, planner, filter: compiled.filter });
  }

  /** How what was sent and answered is shown: with the secrets masked. */
  #shownBy({ destination: code, connection, config }: Pipeline) {
    const masked = maskOf(this.#options.destinations.get(code)?.secrets(connection, config) ?? []);
    const request = (planned: OutgoingRequest) => shownRequest(planned, masked);
    const exchange = ({ method, url, body, attempt, messageIds, at, tookMs, outcome }: RecentExchange) => ({
      request: { method, url: masked(url), body: body.length === 0 ? undefined : masked(textOf(body)) },
      attempt,
      events: messageIds.length,
      at,
      tookMs,
      status: outcome?.status,
      reason: outcome === undefined || outcome.kind === 'delivered' ? undefined : masked(outcome.reason),
      answer: outcome?.answer === undefined ? undefined : masked(outcome.answer),
    });
    return { request, exchange };
  }
}

function textOf(body: Uint8Array | string): string {
  return typeof body === 'string' ? body : Buffer.from(body).toString();
}

/** Settings as they are noted. */
const SETTINGS = z.object({
  destination: z.string(),
  connection: z.record(z.string(), z.unknown()),
  config: z.record(z.string(), z.unknown()),
  filter: z.array(z.object({ name: z.string(), only: z.string().optional(), drop: z.string().optional() })),
});

function withoutSecrets(
  values: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, { readonly secret: boolean }>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => fields[name]?.secret !== true));
}

function isOf({ lane }: LaneException, { pipeline, replay, partition }: LaneKey): boolean {
  return lane.pipeline === pipeline && lane.replay === replay && lane.partition === partition;
}

function failureOf({ reason, status, answer, attempts }: LaneException) {
  return { reason, status, answer, attempts };
}
