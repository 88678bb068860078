import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';

/** A replay that was cancelled or is done never runs again, unless its dead letters are redelivered. */
type ReplayState = 'running' | 'paused' | 'cancelled' | 'done';

/** A source's past, once more into one of its pipelines. Times in milliseconds since 1970. */
export interface ReplayRow {
  readonly id: string;
  readonly pipeline: string;
  /** Replayed are the events received from this time on… */
  readonly fromTime: number;
  /** …and before this one. */
  readonly untilTime: number;
  readonly createdAt: number;
  readonly state: ReplayState;
}

/** The replays that were ever asked for. */
export class ReplayRows {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Newest first. */
  all(): readonly ReplayRow[] {
    return this.#db.prepare('SELECT * FROM replays ORDER BY created_at DESC, id').all().map(replayOf);
  }

  get(id: string): ReplayRow | undefined {
    const row = this.#db.prepare('SELECT * FROM replays WHERE id = ?').get(id);
    return row === undefined ? undefined : replayOf(row);
  }

  save({ id, pipeline, fromTime, untilTime, createdAt, state }: ReplayRow): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO replays VALUES (?, ?, ?, ?, ?, ?)')
      .run(id, pipeline, fromTime, untilTime, createdAt, state);
  }
}

const STATES: readonly ReplayState[] = ['running', 'paused', 'cancelled', 'done'];

function replayOf(row: Readonly<Record<string, SQLOutputValue>>): ReplayRow {
  const state = STATES.find((known) => known === row.state);
  if (state === undefined) throw new Error(`the delivery state knows no replay that is ${String(row.state)}`);
  return {
    id: String(row.id),
    pipeline: String(row.pipeline),
    fromTime: Number(row.from_time),
    untilTime: Number(row.until_time),
    createdAt: Number(row.created_at),
    state,
  };
}
