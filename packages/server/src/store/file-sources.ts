import { changesIn, type FileChange, FileConflict, type FileOrganization, matchTo } from './file-change.ts';
import {
  createSources,
  deleteSource,
  listSources,
  type NewSource,
  type StoredSource,
  updateSource,
} from './sources.ts';
import { sourceId } from './workspace-id.ts';
import type { SourceShape } from './workspace-shape.ts';

/** An entry of the file, with the source that it stands for. */
export interface FileSource {
  readonly shape: SourceShape;
  readonly source: StoredSource;
}

/** Makes sources as the file says. Answers those that are there afterwards. */
export async function applySources(
  change: FileChange,
  organization: FileOrganization,
  shapes: readonly SourceShape[],
): Promise<readonly FileSource[]> {
  const entries = shapes.map((shape) => {
    const { name, writeKey } = shape;
    return { shape, name, id: writeKey ?? sourceId(organization.name, name) };
  });
  const match = matchTo(await listSources(change.db, organization.id), entries);
  const there = new Map<SourceShape, StoredSource>();
  const added = new Map<string, SourceShape>();
  for (const { shape, name, id } of entries) {
    const found = match({ id, name });
    // SDKs know a source by its write key: with another one it is another source.
    const known = shape.writeKey === undefined || found?.id === id ? found : undefined;
    if (shape.delete) await remove(change, known);
    else if (known === undefined) added.set(id, shape);
    else there.set(shape, await update(change, known, shape));
  }
  for (const source of await add(change, organization, added)) {
    const shape = added.get(source.id);
    if (shape !== undefined) there.set(shape, source);
  }
  return Array.from(there, ([shape, source]) => ({ shape, source }));
}

async function remove({ db, note }: FileChange, known: StoredSource | undefined): Promise<void> {
  if (known === undefined) return;
  const { id: target, organizationId: organization, name: targetName } = known;
  await deleteSource(db, target);
  note({ organization, action: 'source.deleted', target, targetName });
}

async function update(
  { db, note }: FileChange,
  known: StoredSource,
  { name, platform, enabled }: SourceShape,
): Promise<StoredSource> {
  const changes = changesIn({ ...known }, { name, platform, enabled });
  if (Object.keys(changes).length === 0) return known;
  const { id: target, organizationId: organization } = known;
  note({ organization, action: 'source.updated', target, targetName: name, details: changes });
  return (await updateSource(db, target, { name, platform, enabled })) ?? known;
}

/** Makes sources, each with the Source ID that it is listed under. */
async function add(
  { db, note, now }: FileChange,
  { id: organizationId }: FileOrganization,
  shapes: ReadonlyMap<string, SourceShape>,
): Promise<readonly StoredSource[]> {
  const wishes = Array.from(shapes, ([id, { name, platform, enabled }]): NewSource => {
    return { id, organizationId, name, platform, enabled, now };
  });
  const made = await createSources(db, wishes);
  const ids = new Set(made.map(({ id }) => id));
  for (const [target, { name, platform }] of shapes) {
    if (!ids.has(target)) throw foreignKey(name);
    const details = { platform };
    note({ organization: organizationId, action: 'source.created', target, targetName: name, details });
  }
  return made;
}

function foreignKey(source: string): FileConflict {
  return new FileConflict(
    `The write key of the source '${source}' belongs to another organization. Give the source another one; or, if its ` +
      'organization has got another name in the file, give that its former name back.',
  );
}
