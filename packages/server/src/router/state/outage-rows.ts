import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Outage } from '../../activity/delivery-views.ts';

/** Where `OutageRows` keeps what it is given. */
export const OUTAGES_SCHEMA = `
  -- The pipelines of which every attempt fails. Times in milliseconds since 1970.
  CREATE TABLE outages (
    pipeline TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    refused_since INTEGER,
    last_at INTEGER NOT NULL,
    reason TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;`;

/** What changes about outages. */
export interface OutageStep {
  /** Those that began, and known ones as they are now. */
  readonly saved: readonly Outage[];
  /** The pipelines whose outage is over. */
  readonly ended: readonly string[];
}

/** The durable memory of which pipelines have an outage. */
export class OutageRows {
  readonly #db: DatabaseSync;

  /** @param db In which `OUTAGES_SCHEMA` was executed. */
  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  all(): readonly Outage[] {
    return this.#db.prepare('SELECT * FROM outages').all().map(outageOf);
  }

  save({ saved, ended }: OutageStep): void {
    const save = this.#db.prepare('INSERT OR REPLACE INTO outages VALUES (?, ?, ?, ?, ?)');
    for (const { pipeline, since, refusedSince, lastAt, reason } of saved)
      save.run(pipeline, since, refusedSince ?? null, lastAt, reason);
    const end = this.#db.prepare('DELETE FROM outages WHERE pipeline = ?');
    for (const pipeline of ended) end.run(pipeline);
  }
}

function outageOf(row: Readonly<Record<string, SQLOutputValue>>): Outage {
  const refusedSince = row.refused_since;
  return {
    pipeline: String(row.pipeline),
    since: Number(row.since),
    refusedSince: refusedSince === null ? undefined : Number(refusedSince),
    lastAt: Number(row.last_at),
    reason: String(row.reason),
  };
}
