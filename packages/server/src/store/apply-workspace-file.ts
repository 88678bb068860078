import type { FileChange, FileOptions } from './file-change.ts';
import { applyConnections } from './file-connections.ts';
import { applyMembers, type FileInvitation } from './file-members.ts';
import { applyPipelines } from './file-pipelines.ts';
import { applySources } from './file-sources.ts';
import { createOrganization, findOrganization, renameOrganization } from './organizations.ts';
import type { Actor, Store } from './store.ts';
import { organizationId } from './workspace-id.ts';
import type { OrganizationShape, WorkspaceShape } from './workspace-shape.ts';

/** Whoever runs the server, as the audit log calls them. */
const OPERATOR: Actor = { id: null, name: 'workspace file', address: '' };

/**
 * Writes a workspace file into the store: creates or updates what it names, and deletes what it says to delete. What it
 * does not name stays as it is, whoever made it. An organization of the file is never one that somebody made through the
 * API, even if it has the same name: secrets of the file must not come into strangers' hands. All or nothing; what is as
 * the file says already is not touched. Resolves with who is to be invited by mail.
 *
 * @throws FileConflict when the file contradicts what is stored.
 */
export async function applyWorkspaceFile(
  store: Store,
  { organizations }: WorkspaceShape,
  options: FileOptions,
): Promise<readonly FileInvitation[]> {
  return await store.change(OPERATOR, async ({ db, note }) => {
    const change: FileChange = { ...options, db, note, sealer: store.sealer };
    const invitations: FileInvitation[] = [];
    for (const shape of organizations) invitations.push(...(await applyOrganization(change, shape)));
    return invitations;
  });
}

async function applyOrganization(
  change: FileChange,
  shape: OrganizationShape,
): Promise<readonly FileInvitation[]> {
  const { name } = shape;
  const organization = { id: organizationId(name), name };
  await makeOrganization(change, organization);
  const invitations = await applyMembers(change, organization, shape.users);
  const connections = await applyConnections(change, organization, shape.connections);
  const sources = await applySources(change, organization, shape.sources);
  await applyPipelines(change, organization, sources, connections.byName);
  await connections.deleteMarked();
  return invitations;
}

async function makeOrganization(
  { db, note, sealer, now }: FileChange,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<void> {
  const stored = await findOrganization(db, id);
  if (stored?.name === name) return;
  if (stored === undefined) await createOrganization(db, sealer, { id, name, now });
  else await renameOrganization(db, id, name);
  const action = stored === undefined ? 'organization.created' : 'organization.updated';
  note({ organization: id, action, target: id, targetName: name });
}
