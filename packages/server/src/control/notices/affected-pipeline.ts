import { findConnection } from '../../store/connections.ts';
import { listMembers } from '../../store/members.ts';
import { findOrganization } from '../../store/organizations.ts';
import { findPipeline, type StoredPipeline } from '../../store/pipelines.ts';
import { findSource } from '../../store/sources.ts';
import type { Db } from '../../store/store.ts';

/** A pipeline that a notice is about, and whom it concerns. */
export interface AffectedPipeline {
  readonly pipeline: StoredPipeline;
  /** The names of what it belongs to. */
  readonly organization: string;
  readonly source: string;
  readonly connection: string;
  /** The addresses of the organization's Owners, those who have shown that they are theirs. */
  readonly owners: readonly string[];
}

/** What a notice about a pipeline says; undefined when nobody is to be told, for it is switched off or deleted by now. */
export async function findAffected(db: Db, pipelineId: string): Promise<AffectedPipeline | undefined> {
  const pipeline = await findPipeline(db, pipelineId);
  if (pipeline?.enabled !== true) return undefined;
  const { organizationId, sourceId, connectionId } = pipeline;
  const organization = await findOrganization(db, organizationId);
  const source = await findSource(db, sourceId);
  const connection = await findConnection(db, connectionId);
  if (organization === undefined || source === undefined || connection === undefined) return undefined;
  const members = await listMembers(db, organizationId);
  return {
    pipeline,
    organization: organization.name,
    source: source.name,
    connection: connection.name,
    owners: members
      .filter(({ role, user }) => role === 'OWNER' && user.confirmedAt !== null)
      .map(({ user }) => user.email),
  };
}
