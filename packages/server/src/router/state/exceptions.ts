import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { transaction } from './database.ts';
import type { ExceptionRow, ExceptionState, LaneKey } from './rows.ts';

/** A row, and whose it is. */
export interface LaneException extends ExceptionRow {
  readonly lane: LaneKey;
}

/** Which dead letters of a pipeline are meant: all that fit every condition that is given. */
export interface DeadLetterChoice {
  readonly pipeline: string;
  readonly ids?: readonly number[] | undefined;
  readonly reason?: string | undefined;
  readonly messageId?: string | undefined;
  /** Given up from this time on, and before that one, in milliseconds since 1970. */
  readonly from?: number | undefined;
  readonly until?: number | undefined;
}

/** A page of dead letters, newest first. */
export interface Page {
  readonly first: number;
  /** Continues behind the row with this id. */
  readonly before?: number | undefined;
}

/** Looks into the exception rows, and moves dead letters back into delivery. */
export class Exceptions {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Dead letters, lost runs and those queued for redelivery, newest first. */
  search(choice: DeadLetterChoice, { first, before = Number.MAX_SAFE_INTEGER }: Page): LaneException[] {
    const { where, values } = conditionsOf(choice, ['dead', 'lost', 'queued']);
    return this.#rows(`${where} AND id < ? ORDER BY id DESC LIMIT ?`, ...values, before, first);
  }

  /** How many dead letters there are of each reason, most first. */
  reasons(pipeline: string): readonly { readonly reason: string; readonly count: number }[] {
    const sql = `SELECT reason, sum(count) AS count FROM exceptions
      WHERE pipeline = ? AND state IN ('dead', 'lost') GROUP BY reason ORDER BY 2 DESC, 1`;
    const rows = this.#db.prepare(sql).all(pipeline);
    return rows.map(({ reason, count }) => ({ reason: String(reason), count: Number(count) }));
  }

  /** All rows of an event, whichever pipelines have one. */
  ofMessage(messageId: string): LaneException[] {
    return this.#rows('message_id = ?', messageId);
  }

  /** A row that covers this place of a lane: the event's own, or that of a lost run it lies in. */
  lostAt({ pipeline, replay, partition }: LaneKey, sequence: number): LaneException | undefined {
    const where = `pipeline = ? AND replay = ? AND partition = ? AND state = 'lost'
      AND sequence >= ? AND sequence - count < ? LIMIT 1`;
    return this.#rows(where, pipeline, replay, partition, sequence, sequence)[0];
  }

  /** The lanes that have chosen dead letters which can be delivered once more. */
  lanesOf(choice: DeadLetterChoice): readonly LaneKey[] {
    const { where, values } = conditionsOf(choice, ['dead']);
    const sql = `SELECT DISTINCT pipeline, replay, partition FROM exceptions
      WHERE ${where} AND event IS NOT NULL`;
    return this.#db
      .prepare(sql)
      .all(...values)
      .map(keyOf);
  }

  /**
   * Queues a lane's chosen dead letters for redelivery, and counts them as held in its progress: durably, all or none.
   * Those that are queued already are left as they are. The lane's own progress must be committed.
   *
   * @returns how many.
   */
  queue(choice: DeadLetterChoice, { pipeline, replay, partition }: LaneKey): number {
    const { where, values } = conditionsOf(choice, ['dead']);
    let count = 0;
    transaction(this.#db, () => {
      const letters = this.#db.prepare(
        `UPDATE exceptions SET state = 'queued', attempts = 0, elapsed_ms = 0, wait_ms = 0
         WHERE ${where} AND event IS NOT NULL AND replay = ? AND partition = ?`,
      );
      count = Number(letters.run(...values, replay, partition).changes);
      this.#db
        .prepare(
          `UPDATE lanes SET dead = dead - ?, held = held + ?
           WHERE pipeline = ? AND replay = ? AND partition = ?`,
        )
        .run(count, count, pipeline, replay, partition);
    });
    return count;
  }

  /** A lane's queued dead letters are not redelivered after all. To be called within a transaction that counts them. */
  putBack({ pipeline, replay, partition }: LaneKey): void {
    this.#db
      .prepare(
        `UPDATE exceptions SET state = 'dead'
         WHERE pipeline = ? AND replay = ? AND partition = ? AND state = 'queued'`,
      )
      .run(pipeline, replay, partition);
  }

  /** The first of a lane's queued dead letters, those with these ids left out. */
  queued(
    { pipeline, replay, partition }: LaneKey,
    except: readonly number[],
    first: number,
  ): LaneException[] {
    const where = `pipeline = ? AND replay = ? AND partition = ? AND state = 'queued'
      AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?`;
    return this.#rows(where, pipeline, replay, partition, JSON.stringify(except), first);
  }

  /** One row; undefined when there is none with this id. */
  letter(id: number): LaneException | undefined {
    return this.#rows('id = ?', id)[0];
  }

  /** Removes dead letters that were noted before `time`; their counts stay. */
  trim(time: number): void {
    this.#db.prepare("DELETE FROM exceptions WHERE state IN ('dead', 'lost') AND at < ?").run(time);
  }

  #rows(where: string, ...values: SQLInputValue[]): LaneException[] {
    const rows = this.#db.prepare(`SELECT * FROM exceptions WHERE ${where}`).all(...values);
    return rows.map((row) => ({ ...exceptionOf(row), lane: keyOf(row) }));
  }
}

function conditionsOf(
  { pipeline, ids, reason, messageId, from, until }: DeadLetterChoice,
  states: readonly ExceptionState[],
): { readonly where: string; readonly values: readonly SQLInputValue[] } {
  const conditions = ['pipeline = ?', `state IN (${states.map((state) => `'${state}'`).join(', ')})`];
  const values: SQLInputValue[] = [pipeline];
  const add = (condition: string, value: SQLInputValue | undefined) => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  add('id IN (SELECT value FROM json_each(?))', ids === undefined ? undefined : JSON.stringify(ids));
  add('reason = ?', reason);
  add('message_id = ?', messageId);
  add('at >= ?', from);
  add('at < ?', until);
  return { where: conditions.join(' AND '), values };
}

function keyOf(row: Readonly<Record<string, SQLOutputValue>>): LaneKey {
  return {
    pipeline: String(row.pipeline),
    replay: String(row.replay),
    partition: Number(row.partition),
  };
}

/** An exception row as it lies in the table. */
export function exceptionOf(row: Readonly<Record<string, SQLOutputValue>>): ExceptionRow {
  return {
    id: Number(row.id),
    state: stateOf(row.state),
    position: Number(row.position),
    sequence: Number(row.sequence),
    slot: Number(row.slot),
    count: Number(row.count),
    messageId: textOf(row.message_id),
    orderKey: textOf(row.order_key),
    reason: String(row.reason),
    status: typeof row.status === 'number' ? row.status : undefined,
    answer: textOf(row.answer),
    attempts: Number(row.attempts),
    at: Number(row.at),
    elapsedMs: Number(row.elapsed_ms),
    waitMs: Number(row.wait_ms),
    answered: textsOf(row.answered),
    event: row.event instanceof Uint8Array ? row.event : undefined,
  };
}

const STATES: readonly ExceptionState[] = ['parked', 'dead', 'lost', 'queued'];

function stateOf(value: unknown): ExceptionState {
  const state = STATES.find((known) => known === value);
  if (state === undefined) throw new Error(`the delivery state knows no exception that is ${String(value)}`);
  return state;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function textsOf(json: unknown): readonly string[] {
  const value: unknown = JSON.parse(String(json));
  return Array.isArray(value) ? value.map(String) : [];
}
