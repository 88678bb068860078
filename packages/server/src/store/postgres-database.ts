import {
  type Dialect,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import pg from 'pg';
import { DatabaseUnavailable } from './database-unavailable.ts';

/** Each costs the server a process of its own; changes need one, all others serve reads. */
const CONNECTIONS_MAX = 10;

/** How long to wait for a connection, before whoever asked is told that there is none. */
const CONNECT_TIMEOUT_MS = 10_000;

/** No statement of ours takes long. Longer ones are ended by the server. */
const STATEMENT_TIMEOUT_MS = 30_000;

/** When no answer comes at all, as from behind a cable that was pulled: a little after the server would have ended it. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;

/** A process that went silent within a change would otherwise hold up all changes of all others. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;

/** PostgreSQL's number for the type `bigint`. */
const INT8 = 20;

/** PostgreSQL's code for a change where nothing can be changed. */
const READ_ONLY = '25006';

/**
 * What PostgreSQL answers when it cannot work just now, by the beginnings of its codes: a lost connection, no room for one
 * more, shutting down or starting up, and only to be read, as after a failover.
 */
const PASSING_TROUBLES = ['08', '53', '57P', READ_ONLY] as const;

/**
 * Connects to PostgreSQL, with a bounded pool of connections. One that is lost is reported and replaced; only what was under
 * way on it fails, with DatabaseUnavailable.
 *
 * @throws DatabaseUnavailable when it cannot be reached. The message names the server and the reason, and no password.
 */
export async function connectPostgres(
  url: string,
  onConnectionLost: (error: Error) => void,
): Promise<Dialect> {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'metarouter',
    max: CONNECTIONS_MAX,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    types: {
      getTypeParser: (type, format) => (type === INT8 ? readInteger : pg.types.getTypeParser(type, format)),
    },
  });
  const connections = new Connections(pool);
  // Without a listener of its own, a client that is lost between two statements of a transaction ends the process.
  pool.on('connect', (client) => client.on('error', onConnectionLost));
  // Of clients that were idle the pool says the same once more.
  pool.on('error', () => {});
  try {
    (await connections.take()).release();
  } catch (error) {
    await pool.end();
    const message = `PostgreSQL cannot be reached at ${placeOf(url)}: ${reasonOf(error)}`;
    if (isPassing(error)) throw new DatabaseUnavailable(message, { cause: error });
    throw new Error(message, { cause: error });
  }
  return new PostgresDialect({
    pool: { connect: async () => clientOf(connections), end: () => pool.end(), options: pool.options },
  });
}

/** A connection for Kysely, with its own failures told apart from those of the statements. */
async function clientOf(connections: Connections): Promise<PostgresPoolClient> {
  const client: PostgresPoolClient = await connections.take().catch(rethrow);
  function query<Row>(statement: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  function query<Row>(statement: string | PostgresCursor<Row>, parameters: readonly unknown[] = []) {
    if (typeof statement !== 'string') return client.query(statement);
    return client.query<Row>(statement, parameters).catch((error: unknown) => {
      if (error instanceof pg.DatabaseError && error.code === READ_ONLY) connections.replaceAll();
      rethrow(error);
    });
  }
  return { query, release: () => client.release() };
}

function rethrow(error: unknown): never {
  if (isPassing(error))
    throw new DatabaseUnavailable(`PostgreSQL cannot be asked: ${reasonOf(error)}`, { cause: error });
  throw error;
}

/** What is no answer of the server's is about the connection; but a value that we cannot read is our fault. */
function isPassing(error: unknown): boolean {
  if (error instanceof RangeError || error instanceof TypeError) return false;
  if (!(error instanceof pg.DatabaseError)) return true;
  return PASSING_TROUBLES.some((beginning) => error.code?.startsWith(beginning));
}

/** The connections of a pool, which are only handed out when they are good for something. */
class Connections {
  readonly #pool: pg.Pool;
  /** Grows when all that there are have to be replaced. */
  #generation = 0;
  readonly #generations = new WeakMap<pg.PoolClient, number>();

  constructor(pool: pg.Pool) {
    this.#pool = pool;
    pool.on('connect', (client) => this.#generations.set(client, this.#generation));
  }

  /**
   * One that is alive. When the server was restarted all idle ones are dead, and that shows only when something is sent:
   * asking costs a fraction of a millisecond, and spares the query that would have been lost with it.
   */
  async take(): Promise<pg.PoolClient> {
    for (let dead = 0; ; ) {
      const client = await this.#pool.connect();
      if (this.#generations.get(client) !== this.#generation) {
        client.release(true);
        continue;
      }
      try {
        await client.query('select 1');
        return client;
      } catch (error) {
        client.release(true);
        if (dead === CONNECTIONS_MAX) throw error;
        dead += 1;
      }
    }
  }

  /**
   * Has each replaced before it is used again. One that nothing can be changed through may stay like that for as long as it
   * lives, when the server can be changed again or has a successor.
   */
  replaceAll(): void {
    this.#generation += 1;
  }
}

/** All our whole numbers fit. One that does not is a fault that must not be rounded away. */
function readInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is more than a number can hold exactly`);
  return value;
}

/** The address without who signs in, and how. */
function placeOf(url: string): string {
  const { host, pathname, searchParams } = new URL(url);
  return `${searchParams.get('host') ?? host}${pathname}`;
}

/** Where a name has several addresses, each has its reason. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
