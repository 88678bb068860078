import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { Turns } from './turns.ts';

/**
 * SQLite through `node:sqlite`, for Kysely. One connection writes: transactions, and single statements outside of them,
 * take it in turn. Reads outside of transactions have another one, so that they wait for nobody and see only what is
 * committed, as on PostgreSQL.
 */
export function nodeSqliteDialect(writer: DatabaseSync, reader: DatabaseSync): Dialect {
  return {
    createAdapter: () => new NodeSqliteAdapter(),
    createDriver: () => new NodeSqliteDriver(writer, reader),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class NodeSqliteAdapter extends SqliteAdapter {
  /** The driver hands out its connections itself: else Kysely would let only one query in at a time. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }

  /** SQLite's can be rolled back, so that a migration is done whole or not at all. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class NodeSqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #writer: SqliteDriver;
  readonly #reader: SqliteDriver;
  readonly #turns = new Turns();

  constructor(writer: DatabaseSync, reader: DatabaseSync) {
    this.#database = writer;
    this.#writer = new SqliteDriver({ database: adapted(writer) });
    this.#reader = new SqliteDriver({ database: adapted(reader) });
  }

  async init(): Promise<void> {
    await this.#writer.init();
    await this.#reader.init();
  }

  async acquireConnection(): Promise<NodeSqliteConnection> {
    const [writer, reader] = [await this.#writer.acquireConnection(), await this.#reader.acquireConnection()];
    return new NodeSqliteConnection(writer, reader, this.#turns);
  }

  async beginTransaction(connection: NodeSqliteConnection): Promise<void> {
    await connection.takeTurn();
    this.#database.exec('BEGIN IMMEDIATE');
  }

  async commitTransaction(): Promise<void> {
    this.#database.exec('COMMIT');
  }

  async rollbackTransaction(): Promise<void> {
    // Some failures, such as a full disk, have rolled it back already.
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }

  async releaseConnection(connection: NodeSqliteConnection): Promise<void> {
    connection.endTurn();
  }

  async destroy(): Promise<void> {
    await this.#reader.destroy();
    await this.#writer.destroy();
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #writer: DatabaseConnection;
  readonly #reader: DatabaseConnection;
  readonly #turns: Turns;
  #endTurn: (() => void) | undefined;

  constructor(writer: DatabaseConnection, reader: DatabaseConnection, turns: Turns) {
    this.#writer = writer;
    this.#reader = reader;
    this.#turns = turns;
  }

  /** From here to `endTurn` all statements are the only ones that write, and see what they wrote. */
  async takeTurn(): Promise<void> {
    this.#endTurn ??= await this.#turns.take();
  }

  endTurn(): void {
    this.#endTurn?.();
    this.#endTurn = undefined;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#endTurn !== undefined) return this.#writer.executeQuery<R>(query);
    if (SelectQueryNode.is(query.query)) return this.#reader.executeQuery<R>(query);
    return this.#turns.run(() => this.#writer.executeQuery<R>(query));
  }

  /** All of it at once: SQLite's rows are in this process anyway. */
  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }
}

/** What Kysely wants to know of SQLite: it hands over all parameters in one array, and asks before whether rows come. */
function adapted(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...parameters.map(bindable)),
        run: (parameters) => statement.run(...parameters.map(bindable)),
        iterate: (parameters) => statement.iterate(...parameters.map(bindable)),
      };
    },
  };
}

function bindable(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite stores text, numbers, bytes and null, and no ${typeof value}`);
}
