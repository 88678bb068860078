import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { Position } from '../log/event-log.ts';

/** Which lane: a pipeline has one in every partition. */
export interface LaneKey {
  readonly pipeline: string;
  readonly partition: number;
}

/** How far a lane has got, and what came of the events before its position. */
export interface LaneProgress {
  /** The first position that is not settled. */
  readonly position: Position;
  /**
   * The source's last sequence before the lane began: accepted is counted from it. Below zero where the log lost
   * events that are counted here, and gives out their sequences again.
   */
  readonly startSequence: number;
  /** The source's last sequence before `position`. */
  readonly sequence: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly dead: number;
}

/** An event, or a run of lost ones, that a lane gave up on. */
export interface DeadLetter {
  readonly position: Position;
  /** Of the event, or of the last one of a run. */
  readonly sequence: number;
  /** How many events: more than one only where records were lost. */
  readonly count: number;
  readonly messageId?: string | undefined;
  readonly reason: string;
  readonly status?: number | undefined;
  readonly attempts: number;
  /** In milliseconds since 1970. */
  readonly at: number;
  /** The beginning of the last answer. */
  readonly answer?: string | undefined;
  /** The event's own copy, which outlives the log. */
  readonly event?: Uint8Array | undefined;
}

/** One lane's step forward. */
export interface LaneCommit {
  readonly lane: LaneKey;
  readonly progress: LaneProgress;
  /** Those that lie before the new position. */
  readonly deadLetters: readonly DeadLetter[];
}

/** A lane and its last commit. */
export interface KnownLane {
  readonly lane: LaneKey;
  readonly progress: LaneProgress;
}

/** Each entry brings the file from the version of its index to the next. Never edited, only added to. */
const MIGRATIONS = [
  `CREATE TABLE lanes (
     pipeline TEXT NOT NULL,
     partition INTEGER NOT NULL,
     position INTEGER NOT NULL,
     start_sequence INTEGER NOT NULL,
     sequence INTEGER NOT NULL,
     delivered INTEGER NOT NULL,
     filtered INTEGER NOT NULL,
     dead INTEGER NOT NULL,
     PRIMARY KEY (pipeline, partition)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE dead_letters (
     pipeline TEXT NOT NULL,
     partition INTEGER NOT NULL,
     sequence INTEGER NOT NULL,
     position INTEGER NOT NULL,
     count INTEGER NOT NULL,
     message_id TEXT,
     reason TEXT NOT NULL,
     status INTEGER,
     attempts INTEGER NOT NULL,
     at INTEGER NOT NULL,
     answer TEXT,
     event BLOB
   ) STRICT;
   -- Not unique: a log that lost its end gives sequences out again.
   CREATE INDEX dead_letters_of_lane ON dead_letters (pipeline, partition, sequence);`,
];

/** The value of `PRAGMA synchronous` that syncs at every commit. */
const SYNCHRONOUS_FULL = 2;

/** The durable memory of all lanes: one SQLite file that only the lane thread opens. */
export class DeliveryState {
  readonly #db: DatabaseSync;

  /** Opens or creates the file. Throws when a newer version wrote it, and when commits would not be durable. */
  constructor(file: string) {
    this.#db = new DatabaseSync(file);
    try {
      this.#migrate(file);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** What was last committed for a lane; undefined for one that never ran. */
  lane({ pipeline, partition }: LaneKey): LaneProgress | undefined {
    const row = this.#db
      .prepare('SELECT * FROM lanes WHERE pipeline = ? AND partition = ?')
      .get(pipeline, partition);
    return row === undefined ? undefined : progressOf(row);
  }

  /** Every lane that ever ran, those of disabled and removed pipelines too. */
  lanes(): readonly KnownLane[] {
    const rows = this.#db.prepare('SELECT * FROM lanes').all();
    return rows.map((row) => ({
      lane: { pipeline: String(row.pipeline), partition: Number(row.partition) },
      progress: progressOf(row),
    }));
  }

  /**
   * Makes these steps durable, all of them or none: positions, counts and dead letters together. Lanes in
   * `forgotten` are then as if they had never run; their dead letters stay.
   *
   * @throws an error that `isDiskFull` recognizes when there was no room: then nothing was kept.
   */
  commit(commits: readonly LaneCommit[], forgotten: readonly LaneKey[] = []): void {
    const forget = this.#db.prepare('DELETE FROM lanes WHERE pipeline = ? AND partition = ?');
    const lanes = this.#db.prepare('INSERT OR REPLACE INTO lanes VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    const dead = this.#db.prepare('INSERT INTO dead_letters VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#transaction(() => {
      for (const { pipeline, partition } of forgotten) forget.run(pipeline, partition);
      for (const { lane, progress, deadLetters } of commits) {
        const { position, startSequence, sequence, delivered, filtered } = progress;
        lanes.run(
          lane.pipeline,
          lane.partition,
          position,
          startSequence,
          sequence,
          delivered,
          filtered,
          progress.dead,
        );
        for (const letter of deadLetters) {
          dead.run(
            lane.pipeline,
            lane.partition,
            letter.sequence,
            letter.position,
            letter.count,
            letter.messageId ?? null,
            letter.reason,
            letter.status ?? null,
            letter.attempts,
            letter.at,
            letter.answer ?? null,
            letter.event ?? null,
          );
        }
      }
    });
  }

  /** A lane's dead letters by sequence, without their events. */
  deadLetters({ pipeline, partition }: LaneKey): readonly DeadLetter[] {
    const rows = this.#db
      .prepare('SELECT * FROM dead_letters WHERE pipeline = ? AND partition = ? ORDER BY sequence')
      .all(pipeline, partition);
    return rows.map((row) => ({
      position: Number(row.position),
      sequence: Number(row.sequence),
      count: Number(row.count),
      messageId: textOf(row.message_id),
      reason: String(row.reason),
      status: typeof row.status === 'number' ? row.status : undefined,
      attempts: Number(row.attempts),
      at: Number(row.at),
      answer: textOf(row.answer),
    }));
  }

  close(): void {
    this.#db.close();
  }

  #migrate(file: string): void {
    const version = this.#number('PRAGMA user_version');
    if (version > MIGRATIONS.length) {
      throw new Error(
        `${file} was written by a newer version (${version}); this one knows ${MIGRATIONS.length}`,
      );
    }
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    // Also when there is nothing to bring up to date, for what is read below: some builds of SQLite lower the
    // setting at the first transaction. It writes nothing then, so that a start succeeds on a full disk.
    this.#transaction(() => {
      if (version === MIGRATIONS.length) return;
      for (const migration of MIGRATIONS.slice(version)) this.#db.exec(migration);
      this.#db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    });
    if (this.#number('PRAGMA synchronous') !== SYNCHRONOUS_FULL)
      throw new Error(`${file}: commits would not be durable`);
  }

  #number(pragma: string): number {
    return Number(Object.values(this.#db.prepare(pragma).get() ?? {})[0]);
  }

  #transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}

/** SQLite's code for a disk, or a file, that has no more room. */
const SQLITE_FULL = 13;

/** Whether a commit failed for want of room only: the same one succeeds once there is some. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL;
}

function progressOf(row: Readonly<Record<string, SQLOutputValue>>): LaneProgress {
  return {
    position: Number(row.position),
    startSequence: Number(row.start_sequence),
    sequence: Number(row.sequence),
    delivered: Number(row.delivered),
    filtered: Number(row.filtered),
    dead: Number(row.dead),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
