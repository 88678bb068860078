import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { KeptKeys, KeyChunk, KeyStep } from './key-step.ts';

/** Where `KeyStore` keeps what it is given. */
export const REPEATS_SCHEMA = `
  CREATE TABLE repeat_seed (
    partition INTEGER PRIMARY KEY,
    seed BLOB NOT NULL
  ) STRICT;
  CREATE TABLE repeat_runs (
    partition INTEGER NOT NULL,
    run INTEGER NOT NULL,
    PRIMARY KEY (partition, run)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE repeat_chunks (
    partition INTEGER NOT NULL,
    run INTEGER NOT NULL,
    base INTEGER NOT NULL,
    first INTEGER NOT NULL,
    keys BLOB NOT NULL,
    PRIMARY KEY (partition, run, first)
  ) STRICT;`;

/** The durable half of `Repeats`: rows beside the delivery state, so that one transaction takes both. */
export class KeyStore {
  readonly #db: DatabaseSync;

  /** @param db In which `REPEATS_SCHEMA` was executed. */
  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** What all the steps of a partition have come to. */
  load(partition: number): KeptKeys {
    const seed = this.#db.prepare('SELECT seed FROM repeat_seed WHERE partition = ?').get(partition)?.seed;
    const runs = this.#db
      .prepare('SELECT run FROM repeat_runs WHERE partition = ? ORDER BY run')
      .all(partition);
    const chunks = this.#db
      .prepare('SELECT run, base, first, keys FROM repeat_chunks WHERE partition = ? ORDER BY run, first')
      .all(partition);
    return {
      seed: seed instanceof Uint8Array ? seed : undefined,
      chunks: chunks.map(chunkOf),
      filed: runs.map(({ run }) => Number(run)),
    };
  }

  /** Forgets everything of a partition but its seed. */
  forget(partition: number): void {
    this.#db.prepare('DELETE FROM repeat_runs WHERE partition = ?').run(partition);
    this.#db.prepare('DELETE FROM repeat_chunks WHERE partition = ?').run(partition);
  }

  /** Takes a step. The caller has begun a transaction, and makes it durable. */
  save(partition: number, { seed, chunks, runs }: KeyStep): void {
    if (seed !== undefined)
      this.#db.prepare('INSERT OR REPLACE INTO repeat_seed VALUES (?, ?)').run(partition, seed);
    if (chunks.length > 0) {
      const insert = this.#db.prepare('INSERT OR REPLACE INTO repeat_chunks VALUES (?, ?, ?, ?, ?)');
      for (const { run, base, first, keys } of chunks) insert.run(partition, run, base, first, keys);
    }
    if (runs === undefined) return;
    this.#db.prepare('DELETE FROM repeat_runs WHERE partition = ?').run(partition);
    const insert = this.#db.prepare('INSERT INTO repeat_runs VALUES (?, ?)');
    for (const run of runs.filed) insert.run(partition, run);
    this.#db
      .prepare(
        'DELETE FROM repeat_chunks WHERE partition = ? AND run NOT IN (SELECT value FROM json_each(?))',
      )
      .run(partition, JSON.stringify(runs.unfiled));
  }
}

function chunkOf({ run, base, first, keys }: Readonly<Record<string, SQLOutputValue>>): KeyChunk {
  return {
    run: Number(run),
    base: Number(base),
    first: Number(first),
    keys: keys instanceof Uint8Array ? keys : new Uint8Array(),
  };
}
