import { mergeDetails } from './connection-details.ts';
import {
  createConnection,
  deleteConnection,
  listConnections,
  openConnections,
  type StoredConnection,
  updateConnection,
} from './connections.ts';
import { changesIn, type FileChange, FileConflict, type FileOrganization, matchTo } from './file-change.ts';
import { connectionId } from './workspace-id.ts';
import type { ConnectionShape } from './workspace-shape.ts';

/** The connections of a file's organization, by the names that they have in the file. */
export interface FileConnections {
  /** What is in the store now; those that are to be deleted, too. */
  readonly byName: ReadonlyMap<string, StoredConnection>;
  /** Deletes those that are to be deleted: last of all, when no pipeline of the file uses them any more. */
  deleteMarked(): Promise<void>;
}

/** Makes connections as the file says, and all of each: a field that the file does not name has no value afterwards. */
export async function applyConnections(
  change: FileChange,
  organization: FileOrganization,
  shapes: readonly ConnectionShape[],
): Promise<FileConnections> {
  const { db, note } = change;
  const entries = shapes.map((shape) => {
    return { shape, name: shape.name, id: connectionId(organization.name, shape.name) };
  });
  const stored = await listConnections(db, organization.id);
  const values = await openConnections(db, change.sealer, organization.id);
  const match = matchTo(stored, entries);
  const byName = new Map<string, StoredConnection>();
  for (const { id, name, shape } of entries) {
    const known = match({ id, name });
    const before = (known && values.get(known.id)) ?? {};
    const applied = shape.delete
      ? known
      : await applyConnection(change, organization, { id, shape, known, before });
    if (applied !== undefined) byName.set(name, applied);
  }
  return {
    byName,
    async deleteMarked() {
      for (const { shape } of entries) {
        const connection = byName.get(shape.name);
        if (!shape.delete || connection === undefined) continue;
        const { id, name } = connection;
        if ((await deleteConnection(db, id)) === 'in use')
          throw new FileConflict(
            `The connection '${name}' cannot be deleted: a pipeline that the file does not name uses it. Delete that first.`,
          );
        note({ organization: organization.id, action: 'connection.deleted', target: id, targetName: name });
      }
    },
  };
}

interface Entry {
  /** That of a new one. */
  readonly id: string;
  readonly shape: ConnectionShape;
  readonly known: StoredConnection | undefined;
  /** Its values, opened. */
  readonly before: Readonly<Record<string, unknown>>;
}

async function applyConnection(
  { db, note, sealer, destinations, now }: FileChange,
  organization: FileOrganization,
  { id: newId, shape, known, before }: Entry,
): Promise<StoredConnection> {
  const { name, destination: code } = shape;
  const destination = destinations.get(code);
  if (destination === undefined) throw new Error(`the file was read with the unknown destination ${code}`);
  const id = known?.id ?? newId;
  const about = { organization: organization.id, target: id, targetName: name };
  if (known === undefined) {
    const wish = { id, organizationId: organization.id, name, details: shape.details, now };
    const made = await createConnection(db, sealer, destination, wish);
    if (made === undefined || made === 'conflict') throw new Error(`the connection ${id} cannot be made`);
    note({ ...about, action: 'connection.created', details: { destination: code } });
    return made;
  }
  if (known.destination !== code)
    throw new FileConflict(
      `The connection '${name}' is for '${known.destination}' and cannot become one for '${code}'. Give it another name.`,
    );
  // A secret that cannot be read any more is none of the values: it is always written anew.
  const nothing = cleared([...Object.keys(before), ...known.secretsSet]);
  const details = { ...nothing, ...mergeDetails({}, shape.details) };
  const fields = Object.keys(changesIn(before, details));
  if (known.name === name && fields.length === 0) return known;
  const updated = await updateConnection(db, sealer, destination, id, { name, details });
  if (updated === 'conflict')
    throw new FileConflict(
      `The connection '${name}' is called '${known.name}' in the store, where '${name}' is another one. Rename that first.`,
    );
  if (updated === undefined) throw new Error(`the connection ${id} is gone`);
  note({ ...about, action: 'connection.updated', details: { name, fields } });
  return updated;
}

/** Takes every value away. */
function cleared(fields: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(fields.map((field) => [field, null]));
}
