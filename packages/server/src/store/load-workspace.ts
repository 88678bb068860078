import type { JsonObject } from '@metarouter/events';
import type { OpenedDetails } from './connection-details.ts';
import { type KeyedConnection, openedDetailsOf } from './connections.ts';
import { filterIn } from './pipelines.ts';
import { platformOf } from './sources.ts';
import type { Db, Store } from './store.ts';
import { objectIn } from './stored-json.ts';
import type { Pipeline, Source, Workspace } from './workspace.ts';

/** A workspace out of the store, and what of it cannot run. */
export interface LoadedWorkspace extends Workspace {
  /** Pipelines over a connection with secrets that do not open. They are not among `pipelines`. */
  readonly unreadable: readonly UnreadablePipeline[];
}

/** A pipeline that cannot run until the secrets of its connection are entered again. */
export interface UnreadablePipeline {
  readonly id: string;
  readonly name: string;
  /** The connection's name. */
  readonly connection: string;
  /** The organization's name. */
  readonly organization: string;
  /** The names of the connection's fields that do not open. */
  readonly fields: readonly string[];
}

/**
 * The whole configuration as it was at one moment, secrets opened: for the door and the lanes. It costs one query,
 * however much there is. An unreadable secret takes out the pipelines over its connection, and nothing else.
 */
export async function loadWorkspace({ db, sealer }: Pick<Store, 'db' | 'sealer'>): Promise<LoadedWorkspace> {
  const sources = new Map<string, Source>();
  const pipelines: Pipeline[] = [];
  const unreadable: UnreadablePipeline[] = [];
  // Each connection is opened once, however many pipelines go over it.
  const connections = new Map<string, OpenedDetails>();
  for (const row of await readRows(db)) {
    sources.set(row.source_id, sourceOf(row));
    if (!hasPipeline(row)) continue;
    const connection = connections.get(row.connection_id) ?? openedDetailsOf(sealer, keyedConnectionOf(row));
    connections.set(row.connection_id, connection);
    if (connection.unreadable.length === 0) pipelines.push(pipelineOf(row, connection.details));
    else unreadable.push(unreadableOf(row, connection.unreadable));
  }
  return { sources, pipelines, unreadable };
}

/**
 * Each source with each of its pipelines; one that has none is there once, with nulls. A single statement, since that
 * sees one moment on any database, and without a transaction for which changes would have to wait.
 */
async function readRows(db: Db) {
  return await db
    .selectFrom('sources')
    .innerJoin('organizations', 'organizations.id', 'sources.organization_id')
    .leftJoin('pipelines', 'pipelines.source_id', 'sources.id')
    .leftJoin('connections', 'connections.id', 'pipelines.connection_id')
    .select([
      'organizations.id as organization_id',
      'organizations.name as organization',
      'organizations.data_key',
      'sources.id as source_id',
      'sources.name as source',
      'sources.platform',
      'sources.enabled as source_enabled',
      'pipelines.id as pipeline_id',
      'pipelines.name as pipeline',
      'pipelines.destination',
      'pipelines.config',
      'pipelines.filter',
      'pipelines.enabled as pipeline_enabled',
      'connections.id as connection_id',
      'connections.name as connection',
      'connections.details',
      'connections.secrets',
    ])
    .orderBy('sources.id')
    .orderBy('pipelines.id')
    .execute();
}

type SourceColumns = Awaited<ReturnType<typeof readRows>>[number];
type PipelineColumns = { readonly [Column in keyof SourceColumns]: NonNullable<SourceColumns[Column]> };

function hasPipeline(row: SourceColumns): row is PipelineColumns {
  return row.pipeline_id !== null;
}

function sourceOf(row: SourceColumns): Source {
  return {
    id: row.source_id,
    name: row.source,
    organization: row.organization,
    platform: platformOf(row.platform),
    enabled: row.source_enabled === 1,
  };
}

function pipelineOf(row: PipelineColumns, connection: JsonObject): Pipeline {
  return {
    id: row.pipeline_id,
    name: row.pipeline,
    source: row.source_id,
    destination: row.destination,
    connection,
    config: objectIn(row.config),
    filter: filterIn(row.filter),
    enabled: row.pipeline_enabled === 1,
  };
}

function unreadableOf(row: PipelineColumns, fields: readonly string[]): UnreadablePipeline {
  const { pipeline_id, pipeline, connection, organization } = row;
  return { id: pipeline_id, name: pipeline, connection, organization, fields };
}

function keyedConnectionOf(row: PipelineColumns): KeyedConnection {
  const { connection_id, organization_id, details, secrets, data_key } = row;
  return { id: connection_id, organization_id, details, secrets, data_key };
}
