import { AsyncLocalStorage } from 'node:async_hooks';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { createSealer, type Sealer } from '../platform/sealing.ts';
import type { SecretKey } from '../platform/secret-key.ts';
import { batchesOf } from './batches.ts';
import { openDatabase } from './database.ts';
import type { Tables } from './tables.ts';
import { Turns } from './turns.ts';

/** What queries run on: the database, or a transaction of it. */
export type Db = Kysely<Tables>;

/** Who makes a change. */
export interface Actor {
  /** The user or the API key; null for the operator. */
  readonly id: string | null;
  /** The e-mail address or the key's name. */
  readonly name: string;
  /** The client's address; empty for the operator. */
  readonly address: string;
}

/** What the audit log says about a change. */
export interface AuditNote {
  /** Null for what is about an account alone. */
  readonly organization: string | null;
  /** Such as `connection.updated`. */
  readonly action: string;
  /** The id of what was changed, and its name at that time. */
  readonly target: string;
  readonly targetName: string;
  /** Which fields changed; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A change that is being made. */
export interface Change {
  /** Sees what the change has done so far. */
  readonly db: Transaction<Tables>;
  /** Has this written to the audit log, if the change is made. */
  note(note: AuditNote): void;
}

/** The control store: people, organizations and what they have configured. */
export interface Store {
  /** Sees what is committed. It is for reading: a change is made with `change`. */
  readonly db: Db;
  readonly sealer: Sealer;
  /**
   * One transaction: the work, its audit entries and the growing version, or nothing of it when the work throws. Changes
   * go one after the other, those of other processes included, so that what the work has read stays true until it is
   * done. So it should not wait for anything but its `db`; another change in the middle of one is refused.
   */
  change<T>(actor: Actor, work: (change: Change) => Promise<T>): Promise<T>;
  /** Grows with each change, by whatever process. */
  version(): Promise<number>;
  /** Calls back after each change that was made through this store. Returns the way to stop it. */
  onChange(listener: () => void): () => void;
  /** Waits for the changes that were begun. */
  close(): Promise<void>;
}

/** What a store needs. */
export interface StoreOptions {
  /** PostgreSQL's address; undefined for the SQLite file in the data directory. */
  readonly databaseUrl: string | undefined;
  readonly dataDirectory: string;
  readonly clock: Clock;
  /** Always the same for the same database: what is stored is sealed under it. */
  readonly secretKey: SecretKey;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Opens the control store, made when absent and brought up to date.
 *
 * @throws when the database cannot be used: unreachable, of a newer version, or sealed under another secret key.
 */
export async function openStore({
  databaseUrl,
  dataDirectory,
  clock,
  secretKey,
  logger,
}: StoreOptions): Promise<Store> {
  const db = await openDatabase(databaseUrl, dataDirectory, ({ message }) =>
    logger.warn('A connection to the database was lost.', { reason: message }),
  );
  try {
    await checkSecretKey(db, secretKey.fingerprint);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const turns = new Turns();
  /** The change that the running code is a part of. */
  const surrounding = new AsyncLocalStorage<{ isUnderWay: boolean }>();
  const listeners = new Set<() => void>();

  async function make<T>(actor: Actor, work: (change: Change) => Promise<T>): Promise<T> {
    return await db.transaction().execute(async (transaction) => {
      await countUp(transaction);
      const notes: AuditNote[] = [];
      const result = await work({ db: transaction, note: (note) => notes.push(note) });
      await writeAudit(transaction, actor, clock.now(), notes);
      return result;
    });
  }

  return {
    db,
    sealer: createSealer(secretKey),
    async change(actor, work) {
      if (surrounding.getStore()?.isUnderWay)
        throw new Error(
          'A change was to be made in the middle of another: it would wait for itself for ever',
        );
      const state = { isUnderWay: true };
      // Waiting here and not in the database keeps its connections free for those who read.
      const result = await turns
        .run(() => surrounding.run(state, () => make(actor, work)))
        .finally(() => {
          state.isUnderWay = false;
        });
      for (const listener of listeners) listener();
      return result;
    },
    async version() {
      return Number(await readFact(db, 'version'));
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => turns.run(() => db.destroy()),
  };
}

/** First of all in a change: the changes of other processes wait for this row until this one is made. */
async function countUp(db: Db): Promise<void> {
  await db
    .updateTable('facts')
    .set({ value: sql<string>`cast(cast(value as bigint) + 1 as text)` })
    .where('name', '=', 'version')
    .execute();
}

async function writeAudit(db: Db, actor: Actor, at: number, notes: readonly AuditNote[]): Promise<void> {
  const rows = notes.map(({ organization, action, target, targetName, details = {} }) => ({
    organization_id: organization,
    at,
    actor_id: actor.id,
    actor: actor.name,
    address: actor.address,
    action,
    target,
    target_name: targetName,
    details: JSON.stringify(details),
  }));
  for (const batch of batchesOf(rows)) await db.insertInto('audit').values(batch).execute();
}

/** Kept at the first start: a store that was opened with another key could not open what is sealed in it. */
async function checkSecretKey(db: Db, fingerprint: string): Promise<void> {
  await db
    .insertInto('facts')
    .values({ name: 'secret_key', value: fingerprint })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const expected = await readFact(db, 'secret_key');
  if (expected === fingerprint) return;
  throw new Error(
    `The control store is sealed under the secret key with the fingerprint ${expected}, and this one has ${fingerprint}. ` +
      'Give the former in METAROUTER_SECRET_KEY, or put back the file secret.key that was in the data folder.',
  );
}

async function readFact(db: Db, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('facts').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value;
}
