import { type FilterRule, isJsonObject, type JsonObject } from '@metarouter/events';
import type { Transaction } from 'kysely';
import { newId } from '../platform/ids.ts';
import { batchesOf } from './batches.ts';
import { findConnection, type StoredConnection } from './connections.ts';
import { findSource, type StoredSource } from './sources.ts';
import type { Db } from './store.ts';
import { isText, listIn, objectIn } from './stored-json.ts';
import type { PipelineRow, Tables } from './tables.ts';

/** A source's way to one destination. */
export interface StoredPipeline {
  readonly id: string;
  /** That of its source and its connection. */
  readonly organizationId: string;
  readonly sourceId: string;
  readonly connectionId: string;
  /** The destination's code, which is its connection's. */
  readonly destination: string;
  readonly name: string;
  readonly config: JsonObject;
  /** Which events it gets: all when there is no rule. */
  readonly filter: readonly FilterRule[];
  readonly enabled: boolean;
  readonly createdAt: number;
}

/** A new pipeline; one without `id` is given one. */
export interface NewPipeline {
  readonly id?: string | undefined;
  readonly sourceId: string;
  readonly connectionId: string;
  readonly name: string;
  readonly config: JsonObject;
  readonly filter?: readonly FilterRule[] | undefined;
  readonly enabled?: boolean | undefined;
  readonly now: number;
}

/** What may change of a pipeline. What is undefined stays; config and filter are replaced as a whole. */
export interface PipelineChange {
  readonly connectionId?: string | undefined;
  readonly name?: string | undefined;
  readonly config?: JsonObject | undefined;
  readonly filter?: readonly FilterRule[] | undefined;
  readonly enabled?: boolean | undefined;
}

/**
 * Makes a pipeline to the connection's destination. `'no connection'` when the source's organization has no such
 * connection; undefined when there is no such source.
 */
export async function createPipeline(
  db: Transaction<Tables>,
  pipeline: NewPipeline,
): Promise<StoredPipeline | 'no connection' | undefined> {
  const source = await findSource(db, pipeline.sourceId);
  if (source === undefined) return undefined;
  const connection = await findConnection(db, pipeline.connectionId);
  if (connection?.organizationId !== source.organizationId) return 'no connection';
  const [made] = await createPipelines(db, [{ ...pipeline, source, connection }]);
  return made;
}

/** A new pipeline between what was looked up already. */
export type NewPipelineBetween = Omit<NewPipeline, 'sourceId' | 'connectionId'> & {
  readonly source: StoredSource;
  /** Of the source's organization. */
  readonly connection: StoredConnection;
};

/** Makes many pipelines. */
export async function createPipelines(
  db: Transaction<Tables>,
  pipelines: readonly NewPipelineBetween[],
): Promise<readonly StoredPipeline[]> {
  const rows = pipelines.map(rowOf);
  for (const batch of batchesOf(rows)) await db.insertInto('pipelines').values(batch).execute();
  return rows.map((row, place) =>
    pipelineOf({ ...row, organization_id: pipelines[place]?.source.organizationId ?? '' }),
  );
}

function rowOf(pipeline: NewPipelineBetween): PipelineRow {
  const { id = newId(), source, connection, name, config, filter = [], enabled = true, now } = pipeline;
  if (connection.organizationId !== source.organizationId)
    throw new Error(`the connection ${connection.id} is another organization's`);
  return {
    id,
    source_id: source.id,
    connection_id: connection.id,
    destination: connection.destination,
    name,
    config: JSON.stringify(config),
    filter: JSON.stringify(filter),
    enabled: Number(enabled),
    created_at: now,
  };
}

/** The pipeline with this id, of whatever organization; undefined when there is none. */
export async function findPipeline(db: Db, id: string): Promise<StoredPipeline | undefined> {
  const row = await selectPipelines(db).where('pipelines.id', '=', id).executeTakeFirst();
  return row && pipelineOf(row);
}

/** The pipelines of a source, oldest first. */
export async function listPipelines(db: Db, sourceId: string): Promise<readonly StoredPipeline[]> {
  const rows = selectPipelines(db).where('source_id', '=', sourceId);
  return (await rows.execute()).map(pipelineOf);
}

/** The pipelines of an organization, oldest first. */
export async function listOrganizationPipelines(
  db: Db,
  organizationId: string,
): Promise<readonly StoredPipeline[]> {
  const rows = selectPipelines(db).where('sources.organization_id', '=', organizationId);
  return (await rows.execute()).map(pipelineOf);
}

/** The pipelines that use a connection, oldest first. */
export async function listPipelinesOver(db: Db, connectionId: string): Promise<readonly StoredPipeline[]> {
  const rows = selectPipelines(db).where('connection_id', '=', connectionId);
  return (await rows.execute()).map(pipelineOf);
}

/**
 * Changes a pipeline. `'no connection'` when its organization has no such connection for its destination; undefined
 * when there is no such pipeline.
 */
export async function updatePipeline(
  db: Transaction<Tables>,
  id: string,
  { connectionId, name, config, filter, enabled }: PipelineChange,
): Promise<StoredPipeline | 'no connection' | undefined> {
  const pipeline = await findPipeline(db, id);
  if (pipeline === undefined) return undefined;
  const connection = connectionId === undefined ? undefined : await findConnection(db, connectionId);
  const fits =
    connection?.organizationId === pipeline.organizationId && connection.destination === pipeline.destination;
  if (connectionId !== undefined && !fits) return 'no connection';
  const row = await db
    .updateTable('pipelines')
    .set((now) => ({
      connection_id: connectionId ?? now.ref('connection_id'),
      name: name ?? now.ref('name'),
      config: config === undefined ? now.ref('config') : JSON.stringify(config),
      filter: filter === undefined ? now.ref('filter') : JSON.stringify(filter),
      enabled: enabled === undefined ? now.ref('enabled') : Number(enabled),
    }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row && pipelineOf({ ...row, organization_id: pipeline.organizationId });
}

/** Deletes a pipeline; undefined when there is no such pipeline. What came of its events is not in this store. */
export async function deletePipeline(
  db: Transaction<Tables>,
  id: string,
): Promise<StoredPipeline | undefined> {
  const pipeline = await findPipeline(db, id);
  await db.deleteFrom('pipelines').where('id', '=', id).execute();
  return pipeline;
}

function selectPipelines(db: Db) {
  return db
    .selectFrom('pipelines')
    .innerJoin('sources', 'sources.id', 'pipelines.source_id')
    .selectAll('pipelines')
    .select('sources.organization_id')
    .orderBy('pipelines.created_at')
    .orderBy('pipelines.id');
}

function pipelineOf(row: PipelineRow & { readonly organization_id: string }): StoredPipeline {
  return {
    id: row.id,
    organizationId: row.organization_id,
    sourceId: row.source_id,
    connectionId: row.connection_id,
    destination: row.destination,
    name: row.name,
    config: objectIn(row.config),
    filter: filterIn(row.filter),
    enabled: row.enabled === 1,
    createdAt: row.created_at,
  };
}

/** The filter rules in a column. Throws when it has something else. */
export function filterIn(json: string): readonly FilterRule[] {
  return listIn(json, isFilterRule);
}

function isFilterRule(value: unknown): value is FilterRule {
  if (!isJsonObject(value)) return false;
  const { name, only, drop } = value;
  return isText(name) && [only, drop].every((condition) => condition === undefined || isText(condition));
}
