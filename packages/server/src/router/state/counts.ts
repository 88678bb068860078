import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { DoorCount } from '../../activity/door-counts.ts';
import { type Cell, countedType } from './cells.ts';

/** Where `Counts` keeps what it is given. */
export const COUNTS_SCHEMA = `
  -- What came of events, by the hour since 1970 in which they were received; no pipeline where it is the source's.
  CREATE TABLE counts (
    source TEXT NOT NULL,
    hour INTEGER NOT NULL,
    pipeline TEXT NOT NULL,
    type TEXT NOT NULL,
    outcome TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (source, hour, pipeline, type, outcome)
  ) STRICT, WITHOUT ROWID;
  -- What the door refused, as it tells from time to time.
  CREATE TABLE rejections (
    source TEXT NOT NULL,
    hour INTEGER NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (source, hour, reason)
  ) STRICT, WITHOUT ROWID;
  -- Up to which sequence a source's events are counted, so that those which the log lost are counted too.
  CREATE TABLE counted (
    partition INTEGER NOT NULL,
    source TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (partition, source)
  ) STRICT, WITHOUT ROWID;`;

/** What is to be added to the counts of a source, or of one of its pipelines. */
export interface CountStep {
  readonly source: string;
  /** Empty for what is the source's. */
  readonly pipeline: string;
  readonly cells: readonly Cell[];
}

/** A sum of counts over some hours. */
export interface CountSum {
  /** The first of those hours, in hours since 1970. */
  readonly hour: number;
  readonly pipeline: string;
  readonly type: string;
  readonly outcome: string;
  /** Only of what was refused. */
  readonly reason: string;
  readonly count: number;
}

/** The sequence of a source that is to be counted, and of which nothing has come yet. */
export const NONE_COUNTED = -1;

/** Never below zero: a dead letter from before anything was counted is taken out of no count. */
const ADD = `INSERT INTO counts VALUES (?, ?, ?, ?, ?, max(?, 0))
  ON CONFLICT DO UPDATE SET count = max(count + ?, 0)`;
const REJECT = `INSERT INTO rejections VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;
const SEQUENCES = 'SELECT source, sequence FROM counted WHERE partition = ?';
const SUMS = `
  SELECT hour - hour % :step AS hour, pipeline, type, outcome, '' AS reason, sum(count) AS count
    FROM counts WHERE source = :source AND hour >= :from AND hour < :until GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT hour - hour % :step, '', '', 'rejected', reason, sum(count)
    FROM rejections WHERE source = :source AND hour >= :from AND hour < :until GROUP BY 1, 5`;

/** The durable counts by hour: rows beside the delivery state, so that one transaction takes both. */
export class Counts {
  readonly #db: DatabaseSync;
  readonly #add: StatementSync;
  readonly #setSequence: StatementSync;

  /** @param db In which `COUNTS_SCHEMA` was executed. */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#add = db.prepare(ADD);
    this.#setSequence = db.prepare('INSERT OR REPLACE INTO counted VALUES (?, ?, ?)');
  }

  add({ source, pipeline, cells }: CountStep): void {
    for (const { hour, type, outcome, count } of cells)
      this.#add.run(source, hour, pipeline, type, outcome, count, count);
  }

  /** Adds what only the door has counted. */
  addDoor(counts: readonly DoorCount[]): void {
    const reject = this.#db.prepare(REJECT);
    for (const { source, hour, type, reason, count } of counts) {
      if (reason !== undefined) reject.run(source, hour, reason, count);
      else {
        const cell: Cell = { hour, type: countedType(type), outcome: 'accepted', count };
        this.add({ source, pipeline: '', cells: [cell] });
      }
    }
  }

  /** Up to which sequence the events are counted of each source that has a pipeline. */
  sequences(partition: number): Map<string, number> {
    const rows = this.#db.prepare(SEQUENCES).all(partition);
    return new Map(rows.map(({ source, sequence }) => [String(source), Number(sequence)]));
  }

  /** Without a sequence a source is not counted any more. */
  setSequences(partition: number, sequences: ReadonlyMap<string, number | undefined>): void {
    for (const [source, sequence] of sequences) {
      if (sequence !== undefined) this.#setSequence.run(partition, source, sequence);
      else this.#db.prepare('DELETE FROM counted WHERE partition = ? AND source = ?').run(partition, source);
    }
  }

  /** Goes on where a log ends that has lost its end, and gives sequences out again. */
  setBack(partition: number, sequences: ReadonlyMap<string, number>): void {
    for (const source of this.sequences(partition).keys())
      this.setSequences(partition, new Map([[source, sequences.get(source) ?? 0]]));
  }

  /** A source's counts of the hours on from `from` and before `until`, added up over `step` hours each. */
  sums(source: string, from: number, until: number, step: number): CountSum[] {
    const rows = this.#db.prepare(SUMS).all({ source, from, until, step });
    return rows.map(({ hour, pipeline, type, outcome, reason, count }) => ({
      hour: Number(hour),
      pipeline: String(pipeline),
      type: String(type),
      outcome: String(outcome),
      reason: String(reason),
      count: Number(count),
    }));
  }

  /** Forgets the hours before this one. */
  trim(hour: number): void {
    for (const table of ['counts', 'rejections']) {
      const sources = this.#db.prepare(`SELECT DISTINCT source FROM ${table}`).all();
      const trim = this.#db.prepare(`DELETE FROM ${table} WHERE source = ? AND hour < ?`);
      for (const { source = null } of sources) trim.run(source, hour);
    }
  }
}
