import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Position } from '../../log/event-log.ts';

/** What pipelines were set to and from which position on: so that it can be worked out again what became of an event. */
export class Configurations {
  readonly #db: DatabaseSync;
  readonly #find: StatementSync;
  readonly #save: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#find = db.prepare(`SELECT settings FROM configurations
      WHERE pipeline = ? AND partition = ? AND position <= ? ORDER BY position DESC LIMIT 1`);
    this.#save = db.prepare('INSERT OR REPLACE INTO configurations VALUES (?, ?, ?, ?)');
  }

  /** Notes what is in force from a position on, unless it is what was in force before. */
  note(pipeline: string, partition: number, position: Position, settings: string): void {
    if (this.at(pipeline, partition, position) === settings) return;
    this.#save.run(pipeline, partition, position, settings);
  }

  /** What was in force at a position; undefined when that is not known. */
  at(pipeline: string, partition: number, position: Position): string | undefined {
    const row = this.#find.get(pipeline, partition, position);
    return row === undefined ? undefined : String(row.settings);
  }

  /** Forgets what was in force only before a position: the log has no events from that time any more. */
  trim(partition: number, first: Position): void {
    const sql = `DELETE FROM configurations AS old WHERE partition = ? AND EXISTS (
      SELECT 1 FROM configurations AS newer WHERE newer.pipeline = old.pipeline
        AND newer.partition = old.partition AND newer.position > old.position AND newer.position <= ?)`;
    this.#db.prepare(sql).run(partition, first);
  }
}
