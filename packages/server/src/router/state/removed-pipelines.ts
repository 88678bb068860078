import type { DatabaseSync } from 'node:sqlite';

/** Where `RemovedPipelines` keeps what it has to remember. */
export const REMOVED_SCHEMA = `
  -- The pipelines that the workspace has no longer, and when that was first seen, in milliseconds since 1970.
  CREATE TABLE removed (
    pipeline TEXT PRIMARY KEY,
    since INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`;

/**
 * A pipeline has to be gone for so long, without a break, before its rows are: as long as dead letters are kept. Should it
 * come back before, by a backup of the configuration for example, it goes on where it stood.
 */
const KEPT_MS = 30 * 24 * 3_600_000;

/** What is kept of a pipeline. Its outage ends as it is removed; its counts have no people in them, and grow old by themselves. */
const TABLES = ['lanes', 'exceptions', 'replays', 'configurations'] as const;

const KNOWN = TABLES.map((table) => `SELECT pipeline FROM ${table}`).join(' UNION ');

/** Forgets what is kept of pipelines that were removed long ago: places, events that waited, dead letters, replays. */
export class RemovedPipelines {
  readonly #db: DatabaseSync;

  /** @param db In which `REMOVED_SCHEMA` was executed. */
  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** `present` are all that there are, those that do not run too. To be called now and then, within a transaction, at the time `now`. */
  forget(present: ReadonlySet<string>, now: number): void {
    const note = this.#db.prepare('INSERT OR IGNORE INTO removed VALUES (?, ?)');
    for (const pipeline of this.#pipelines(KNOWN)) if (!present.has(pipeline)) note.run(pipeline, now);
    for (const pipeline of this.#pipelines('SELECT pipeline FROM removed'))
      if (present.has(pipeline)) this.#delete('removed', pipeline);
    for (const pipeline of this.#pipelines('SELECT pipeline FROM removed WHERE since <= ?', now - KEPT_MS))
      for (const table of [...TABLES, 'removed']) this.#delete(table, pipeline);
  }

  #pipelines(sql: string, ...values: number[]): string[] {
    const rows = this.#db.prepare(sql).all(...values);
    return rows.map(({ pipeline }) => String(pipeline));
  }

  #delete(table: string, pipeline: string): void {
    this.#db.prepare(`DELETE FROM ${table} WHERE pipeline = ?`).run(pipeline);
  }
}
