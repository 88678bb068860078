import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { Position } from '../../log/event-log.ts';
import type { KeptKeys, KeyStep } from '../repeats/key-step.ts';
import { KeyStore } from '../repeats/key-store.ts';
import { type CountStep, Counts } from './counts.ts';
import { openDatabase, transaction } from './database.ts';
import { exceptionOf } from './exceptions.ts';
import { OutageRows, type OutageStep } from './outage-rows.ts';
import { RemovedPipelines } from './removed-pipelines.ts';
import type { ExceptionRow, KnownLane, LaneCommit, LaneKey, LaneProgress } from './rows.ts';

/** A record that repeats an earlier one. */
export interface Repeat {
  readonly position: Position;
  readonly source: string;
}

/** One head's step forward: repeats before the new position are decided. */
export interface HeadCommit {
  readonly partition: number;
  readonly position: Position;
  /** Records that turned out to repeat earlier ones. */
  readonly repeats: readonly Repeat[];
  /** How many repeats each of these sources has had so far. */
  readonly counts: ReadonlyMap<string, number>;
  readonly keys: KeyStep | undefined;
  /** What the step adds to the counts by hour, by source. */
  readonly hours: readonly CountStep[];
  /** Up to which sequence the events of these sources are counted then; undefined where they are no longer. */
  readonly sequences: ReadonlyMap<string, number | undefined>;
}

/** All that is made durable at once. */
export interface Commit {
  readonly lanes: readonly LaneCommit[];
  readonly heads: readonly HeadCommit[];
  /** Lanes that are then as if they had never run; their dead letters stay. */
  readonly forgotten?: readonly LaneKey[];
  readonly outages?: OutageStep | undefined;
}

const SAVE_LANE = `INSERT OR REPLACE INTO lanes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
/** An event that is there already stays: a dead letter is not written again with every attempt to redeliver it. */
const SAVE_EXCEPTION = `INSERT INTO exceptions
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, reason = excluded.reason, status = excluded.status,
    answer = excluded.answer, attempts = excluded.attempts, at = excluded.at, elapsed_ms = excluded.elapsed_ms,
    wait_ms = excluded.wait_ms, answered = excluded.answered, event = coalesce(event, excluded.event)`;
const OF_LANE = 'pipeline = ? AND replay = ? AND partition = ?';

/** The durable memory of all lanes: one SQLite file that only the lane thread opens. */
export class DeliveryState {
  readonly db: DatabaseSync;
  /** What came of events, by hour. */
  readonly counts: Counts;
  /** Which pipelines have an outage. */
  readonly outages: OutageRows;
  /** Which pipelines are gone. */
  readonly removed: RemovedPipelines;
  readonly #keys: KeyStore;
  readonly #statements = new Map<string, StatementSync>();
  #lastId: number;

  /** Opens or creates the file. Throws when a newer version wrote it, and when commits would not be durable. */
  constructor(file: string) {
    this.db = openDatabase(file);
    this.#keys = new KeyStore(this.db);
    this.counts = new Counts(this.db);
    this.outages = new OutageRows(this.db);
    this.removed = new RemovedPipelines(this.db);
    this.#lastId = Number(this.#get('SELECT max(id) AS id FROM exceptions')?.id ?? 0);
  }

  /** The id of the next exception row. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** What was last committed for a lane; undefined for one that never ran. */
  lane(key: LaneKey): LaneProgress | undefined {
    const row = this.#get(`SELECT * FROM lanes WHERE ${OF_LANE}`, ...valuesOf(key));
    return row === undefined ? undefined : progressOf(row);
  }

  /** Every lane that ever ran, those of disabled and removed pipelines too. */
  lanes(): readonly KnownLane[] {
    return this.#all('SELECT * FROM lanes').map((row) => ({
      lane: {
        pipeline: String(row.pipeline),
        partition: Number(row.partition),
        replay: String(row.replay),
      },
      progress: progressOf(row),
    }));
  }

  /** A lane's parked events in log order. */
  parked(key: LaneKey): readonly ExceptionRow[] {
    const rows = this.#all(
      `SELECT * FROM exceptions WHERE ${OF_LANE} AND state = 'parked' ORDER BY sequence`,
      ...valuesOf(key),
    );
    return rows.map(exceptionOf);
  }

  /** Up to where repeats were decided; undefined where they never were. */
  head(partition: number): Position | undefined {
    const row = this.#get('SELECT position FROM heads WHERE partition = ?', partition);
    return row === undefined ? undefined : Number(row.position);
  }

  /** How many repeats each source has had. */
  repeatCounts(partition: number): Map<string, number> {
    const rows = this.#all('SELECT source, count FROM repeats_of_sources WHERE partition = ?', partition);
    return new Map(rows.map(({ source, count }) => [String(source), Number(count)]));
  }

  /** The positions of repeats from one position on and before another. */
  repeatsBetween(partition: number, from: Position, to: Position): readonly Position[] {
    const sql = 'SELECT position FROM repeats WHERE partition = ? AND position >= ? AND position < ?';
    return this.#all(sql, partition, from, to).map(({ position }) => Number(position));
  }

  /** How many repeats of a source there are from one position on and before another. */
  countRepeats(partition: number, source: string, from: Position, to: Position): number {
    const sql = `SELECT count(*) AS count FROM repeats
      WHERE partition = ? AND source = ? AND position >= ? AND position < ?`;
    return Number(this.#get(sql, partition, source, from, to)?.count);
  }

  /** What is needed to recognize repeats again. */
  keys(partition: number): KeptKeys {
    return this.#keys.load(partition);
  }

  /**
   * Forgets which events were seen, and all about records from a position on: a log that lost its end reuses them, and
   * the sequences behind these.
   */
  forgetHead(partition: number, from: Position, sequences: ReadonlyMap<string, number>): void {
    transaction(this.db, () => {
      this.counts.setBack(partition, sequences);
      this.#keys.forget(partition);
      this.#run('DELETE FROM heads WHERE partition = ?', partition);
      this.#run('DELETE FROM repeats WHERE partition = ? AND position >= ?', partition, from);
    });
  }

  /** Drops what is known of records that the log no longer has. */
  trimRepeats(partition: number, first: Position): void {
    this.#run('DELETE FROM repeats WHERE partition = ? AND position < ?', partition, first);
  }

  /**
   * Makes these steps durable, all of them or none: positions, counts and rows together, and what `also` writes.
   *
   * @throws an error that `isDiskFull` recognizes when there was no room: then nothing was kept.
   */
  commit({ lanes, heads, forgotten = [], outages }: Commit, also: () => void = () => {}): void {
    transaction(this.db, () => {
      also();
      for (const key of forgotten) this.#run(`DELETE FROM lanes WHERE ${OF_LANE}`, ...valuesOf(key));
      for (const commit of lanes) this.#saveLane(commit);
      for (const head of heads) this.#saveHead(head);
      if (outages !== undefined) this.outages.save(outages);
    });
  }

  close(): void {
    this.db.close();
  }

  #saveLane({ lane, progress, saved, removed, source, cells }: LaneCommit): void {
    const { position, startSequence, sequence, delivered, filtered, dead, held, repeats, end } = progress;
    this.#run(
      SAVE_LANE,
      ...valuesOf(lane),
      position,
      startSequence,
      sequence,
      delivered,
      JSON.stringify(Object.fromEntries(filtered)),
      dead,
      held,
      repeats,
      end?.position ?? null,
      end?.sequence ?? null,
    );
    if (source !== undefined && cells !== undefined && lane.replay === '')
      this.counts.add({ source, pipeline: lane.pipeline, cells });
    for (const id of removed) this.#run('DELETE FROM exceptions WHERE id = ?', id);
    for (const row of saved) {
      this.#run(
        SAVE_EXCEPTION,
        row.id,
        ...valuesOf(lane),
        row.state,
        row.sequence,
        row.position,
        row.count,
        row.messageId ?? null,
        row.orderKey ?? null,
        row.reason,
        row.status ?? null,
        row.answer ?? null,
        row.attempts,
        row.at,
        Math.round(row.elapsedMs),
        Math.round(row.waitMs),
        JSON.stringify(row.answered),
        row.event ?? null,
        row.slot,
      );
    }
  }

  #saveHead({ partition, position, repeats, counts, keys, hours, sequences }: HeadCommit): void {
    this.#run('INSERT OR REPLACE INTO heads VALUES (?, ?)', partition, position);
    for (const { position: at, source } of repeats)
      this.#run('INSERT OR REPLACE INTO repeats VALUES (?, ?, ?)', partition, at, source);
    for (const [source, count] of counts)
      this.#run('INSERT OR REPLACE INTO repeats_of_sources VALUES (?, ?, ?)', partition, source, count);
    if (keys !== undefined) this.#keys.save(partition, keys);
    for (const step of hours) this.counts.add(step);
    this.counts.setSequences(partition, sequences);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.db.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  #get(sql: string, ...values: SQLInputValue[]): Record<string, SQLOutputValue> | undefined {
    return this.#statement(sql).get(...values);
  }

  #all(sql: string, ...values: SQLInputValue[]): Record<string, SQLOutputValue>[] {
    return this.#statement(sql).all(...values);
  }
}

function valuesOf({ pipeline, replay, partition }: LaneKey): [string, string, number] {
  return [pipeline, replay, partition];
}

function progressOf(row: Readonly<Record<string, SQLOutputValue>>): LaneProgress {
  const { end_position: endPosition, end_sequence: endSequence } = row;
  return {
    position: Number(row.position),
    startSequence: Number(row.start_sequence),
    sequence: Number(row.sequence),
    delivered: Number(row.delivered),
    filtered: countsOf(String(row.filtered)),
    dead: Number(row.dead),
    held: Number(row.held),
    repeats: Number(row.repeats),
    ...(endPosition === null
      ? {}
      : { end: { position: Number(endPosition), sequence: Number(endSequence) } }),
  };
}

function countsOf(json: string): ReadonlyMap<string, number> {
  const counts: unknown = JSON.parse(json);
  return new Map(Object.entries(Object(counts)).map(([rule, count]) => [rule, Number(count)]));
}
