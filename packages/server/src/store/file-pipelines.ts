import { newId } from '../platform/ids.ts';
import type { StoredConnection } from './connections.ts';
import { changesIn, type FileChange, type FileOrganization, matchTo } from './file-change.ts';
import type { FileSource } from './file-sources.ts';
import {
  createPipelines,
  deletePipeline,
  listOrganizationPipelines,
  type NewPipelineBetween,
  type StoredPipeline,
  updatePipeline,
} from './pipelines.ts';
import type { StoredSource } from './sources.ts';
import { pipelineId } from './workspace-id.ts';
import type { PipelineShape } from './workspace-shape.ts';

/** Makes the pipelines of these sources as the file says; those that it does not name stay as they are. */
export async function applyPipelines(
  change: FileChange,
  organization: FileOrganization,
  sources: readonly FileSource[],
  connections: ReadonlyMap<string, StoredConnection>,
): Promise<void> {
  const all = await listOrganizationPipelines(change.db, organization.id);
  const bySource = Map.groupBy(all, ({ sourceId }) => sourceId);
  const sourceOf = new Map(all.map(({ id, sourceId }) => [id, sourceId]));
  const added: NewPipelineBetween[] = [];
  for (const { shape: parent, source } of sources) {
    const entries = parent.pipelines.map((shape) => {
      const { name } = shape;
      return { shape, name, id: pipelineId(organization.name, parent.name, name) };
    });
    const match = matchTo(bySource.get(source.id) ?? [], entries);
    for (const { shape, name, id } of entries) {
      const known = match({ id, name });
      // When the source got another write key, the source before it has kept its pipelines, and they their ids.
      const isTaken = (sourceOf.get(id) ?? source.id) !== source.id;
      const entry = { id: known?.id ?? (isTaken ? newId() : id), shape, known, source };
      const made = await applyPipeline(change, entry, connections.get(shape.connection));
      if (made !== undefined) added.push(made);
    }
  }
  await createPipelines(change.db, added);
}

interface Entry {
  readonly id: string;
  readonly shape: PipelineShape;
  readonly known: StoredPipeline | undefined;
  readonly source: StoredSource;
}

/** What is to be made, if it is. */
async function applyPipeline(
  { db, note, now }: FileChange,
  { id, shape, known, source }: Entry,
  connection: StoredConnection | undefined,
): Promise<NewPipelineBetween | undefined> {
  const { name, config, filter, enabled } = shape;
  const about = { organization: source.organizationId, target: id, targetName: name };
  if (shape.delete) {
    if (known === undefined) return undefined;
    await deletePipeline(db, id);
    note({ ...about, action: 'pipeline.deleted' });
    return undefined;
  }
  if (connection === undefined)
    throw new Error(`the file was read with the unknown connection ${shape.connection}`);
  const { destination, id: connectionId } = connection;
  const wish = { name, config, filter, enabled };
  const changes = changesIn({ ...known }, { destination, connectionId, ...wish });
  if (Object.keys(changes).length === 0) return undefined;
  if (known?.destination === destination) {
    await updatePipeline(db, id, { ...wish, connectionId });
    note({ ...about, action: 'pipeline.updated', details: changes });
    return undefined;
  }
  // To another destination it is another pipeline, which goes on where the one before it stood: its place has its id.
  if (known !== undefined) await deletePipeline(db, id);
  const details = { source: source.id, destination, config, filter };
  note({ ...about, action: known === undefined ? 'pipeline.created' : 'pipeline.updated', details });
  return { ...wish, id, source, connection, now };
}
