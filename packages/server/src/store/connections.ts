import type { Destination } from '@metarouter/destinations';
import type { JsonObject } from '@metarouter/events';
import type { Transaction } from 'kysely';
import { newId } from '../platform/ids.ts';
import type { Sealer } from '../platform/sealing.ts';
import {
  changeDetails,
  NO_DETAILS,
  type OpenedDetails,
  openDetails,
  type SealedDetails,
  type Sealing,
} from './connection-details.ts';
import type { Db } from './store.ts';
import { objectIn, textsIn } from './stored-json.ts';
import type { ConnectionRow, Tables } from './tables.ts';

/** Stored credentials for one destination, without those that nobody is shown. */
export interface StoredConnection {
  readonly id: string;
  readonly organizationId: string;
  /** Unique in its organization. */
  readonly name: string;
  /** The destination's code. */
  readonly destination: string;
  /** The values of the fields that are not secret. */
  readonly details: JsonObject;
  /** The names of the secret fields that are set. */
  readonly secretsSet: readonly string[];
  readonly createdAt: number;
}

/** The part of a destination that says which fields of its connections are secret. */
export type SecretRules = Pick<Destination, 'code' | 'connection'>;

/** A new connection; one without `id` is given one. */
export interface NewConnection {
  readonly id?: string | undefined;
  readonly organizationId: string;
  readonly name: string;
  /** The values of all fields, secret or not. One that is null counts as not given. */
  readonly details: JsonObject;
  readonly now: number;
}

/** What may change of a connection. What is undefined stays. */
export interface ConnectionChange {
  readonly name?: string | undefined;
  /** A field that is absent stays, secret or not; null clears it; any other value takes its place. */
  readonly details?: JsonObject | undefined;
}

/**
 * Makes a connection. `'conflict'` when its organization has one of this name; undefined when there is no such
 * organization.
 */
export async function createConnection(
  db: Transaction<Tables>,
  sealer: Sealer,
  destination: SecretRules,
  { id = newId(), organizationId, name, details, now }: NewConnection,
): Promise<StoredConnection | 'conflict' | undefined> {
  const key = db.selectFrom('organizations').select('data_key').where('id', '=', organizationId);
  const organization = await key.executeTakeFirst();
  if (organization === undefined) return undefined;
  const sealing = sealingOf(sealer, destination, organization.data_key, { organizationId, id });
  const stored = changeDetails(NO_DETAILS, details, sealing);
  const row = await db
    .insertInto('connections')
    .values({
      id,
      organization_id: organizationId,
      name,
      destination: destination.code,
      ...columnsOf(stored),
      created_at: now,
    })
    .onConflict((conflict) => conflict.columns(['organization_id', 'name']).doNothing())
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? 'conflict' : connectionOf(row);
}

/** The connection with this id, of whatever organization; undefined when there is none. */
export async function findConnection(db: Db, id: string): Promise<StoredConnection | undefined> {
  const row = await db.selectFrom('connections').selectAll().where('id', '=', id).executeTakeFirst();
  return row && connectionOf(row);
}

/** The connections of an organization, by name: those for one destination, or all. */
export async function listConnections(
  db: Db,
  organizationId: string,
  destination?: string,
): Promise<readonly StoredConnection[]> {
  const all = db.selectFrom('connections').selectAll().where('organization_id', '=', organizationId);
  const wanted = destination === undefined ? all : all.where('destination', '=', destination);
  return (await wanted.orderBy('name').execute()).map(connectionOf);
}

/** All values of a connection, its secrets too: to try it, and to check a change. Never to be shown to anybody. */
export async function openConnection(db: Db, sealer: Sealer, id: string): Promise<OpenedDetails | undefined> {
  const row = await findKeyed(db, id);
  return row && openedDetailsOf(sealer, row);
}

/** The values of all connections of an organization, by id, as far as their secrets open. As secret as of one. */
export async function openConnections(
  db: Db,
  sealer: Sealer,
  organizationId: string,
): Promise<ReadonlyMap<string, JsonObject>> {
  const rows = await selectKeyed(db).where('organization_id', '=', organizationId).execute();
  return new Map(rows.map((row) => [row.id, openedDetailsOf(sealer, row).details]));
}

/**
 * Changes a connection, without opening what it does not change. `'conflict'` when its organization has another one of the
 * new name; undefined when there is no such connection.
 */
export async function updateConnection(
  db: Transaction<Tables>,
  sealer: Sealer,
  destination: SecretRules,
  id: string,
  { name, details = {} }: ConnectionChange,
): Promise<StoredConnection | 'conflict' | undefined> {
  const row = await findKeyed(db, id);
  if (row === undefined) return undefined;
  const organizationId = row.organization_id;
  if (name !== undefined && name !== row.name && (await isTaken(db, organizationId, name))) return 'conflict';
  const sealing = sealingOf(sealer, destination, row.data_key, { organizationId, id });
  const changed = await db
    .updateTable('connections')
    .set({ name: name ?? row.name, ...columnsOf(changeDetails(sealedDetailsOf(row), details, sealing)) })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return changed && connectionOf(changed);
}

/** `'in use'` while a pipeline uses it; undefined when there is no such connection. */
export async function deleteConnection(
  db: Transaction<Tables>,
  id: string,
): Promise<StoredConnection | 'in use' | undefined> {
  const user = db.selectFrom('pipelines').select('id').where('connection_id', '=', id).limit(1);
  if ((await user.executeTakeFirst()) !== undefined) return 'in use';
  const row = await db.deleteFrom('connections').where('id', '=', id).returningAll().executeTakeFirst();
  return row && connectionOf(row);
}

/** What it takes to open a connection's values: where they belong, and the sealed key of its organization. */
export type KeyedConnection = Pick<ConnectionRow, 'id' | 'organization_id' | 'details' | 'secrets'> & {
  readonly data_key: string;
};

/** The values of a connection with its secrets opened. */
export function openedDetailsOf(sealer: Sealer, row: KeyedConnection): OpenedDetails {
  const place = { organization: row.organization_id, connection: row.id };
  return openDetails(sealedDetailsOf(row), (field, sealed) =>
    sealer.open(row.data_key, { ...place, field }, sealed),
  );
}

async function findKeyed(db: Db, id: string) {
  return await selectKeyed(db).where('connections.id', '=', id).executeTakeFirst();
}

function selectKeyed(db: Db) {
  return db
    .selectFrom('connections')
    .innerJoin('organizations', 'organizations.id', 'connections.organization_id')
    .selectAll('connections')
    .select('organizations.data_key');
}

async function isTaken(db: Db, organizationId: string, name: string): Promise<boolean> {
  const named = db.selectFrom('connections').select('id').where('organization_id', '=', organizationId);
  return (await named.where('name', '=', name).executeTakeFirst()) !== undefined;
}

function sealingOf(
  sealer: Sealer,
  destination: SecretRules,
  dataKey: string,
  { organizationId, id }: Pick<StoredConnection, 'organizationId' | 'id'>,
): Sealing {
  const fields = new Map(Object.entries(destination.connection));
  return {
    // What the destination does not declare may be anything: it is not shown.
    isSecret: (field) => fields.get(field)?.secret ?? true,
    seal: (field, text) =>
      sealer.seal(dataKey, { organization: organizationId, connection: id, field }, text),
  };
}

function columnsOf({ details, secrets }: SealedDetails): Pick<ConnectionRow, 'details' | 'secrets'> {
  return { details: JSON.stringify(details), secrets: JSON.stringify(secrets) };
}

function sealedDetailsOf(row: Pick<ConnectionRow, 'details' | 'secrets'>): SealedDetails {
  return { details: objectIn(row.details), secrets: textsIn(row.secrets) };
}

function connectionOf(row: ConnectionRow): StoredConnection {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    destination: row.destination,
    details: objectIn(row.details),
    secretsSet: Object.keys(objectIn(row.secrets)),
    createdAt: row.created_at,
  };
}
