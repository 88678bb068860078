import { findApiKey, type StoredApiKey } from '../store/api-keys.ts';
import { findConnection } from '../store/connections.ts';
import { findMembership } from '../store/members.ts';
import { findPipeline } from '../store/pipelines.ts';
import { findSource } from '../store/sources.ts';
import type { Db } from '../store/store.ts';
import type { AccessRule, Target } from './access.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import { Grant } from './grant.ts';
import { notFound, Refusal } from './refusal.ts';
import { type Membership, may, NEED_WORDS } from './roles.ts';

type MemberRule = Extract<AccessRule, { kind: 'member' }>;

/** What the header has to say, for a person who left it out. */
const HEADER_MISSING =
  'Send the id of the organization in the header `organization`: this operation changes it.';
const PERSONS_ONLY = 'This is about an account: use a token from createToken, not an API key.';
const HEADER_MALFORMED = 'The header `organization` must be there once, with the id of one organization.';

/** What targets are called in answers. */
const WORDS: Readonly<Record<Target, string>> = {
  organization: 'organization',
  source: 'source',
  connection: 'connection',
  pipeline: 'pipeline',
  apiKey: 'API key',
};

/**
 * Holds a field's rule: what it grants, or a Refusal. What does not exist and what belongs to others is refused in the
 * same words and after the same look-ups.
 */
export async function grantOf(
  rule: AccessRule,
  args: Readonly<Record<string, unknown>>,
  context: Omit<Context, 'grant'>,
): Promise<Grant> {
  const { caller } = context;
  if (rule.kind === 'open') return new Grant(caller);
  if (caller.kind === 'anonymous') throw new Refusal('UNAUTHENTICATED', caller.why);
  switch (rule.kind) {
    case 'signedIn':
      await headerMembership(context);
      return new Grant(caller);
    case 'person':
      if (caller.kind === 'key') throw new Refusal('FORBIDDEN', PERSONS_ONLY);
      return new Grant(caller);
    case 'member':
      return memberGrant(rule, String(args[rule.argument]), context);
  }
}

async function memberGrant(rule: MemberRule, id: string, context: Omit<Context, 'grant'>): Promise<Grant> {
  const { caller, organizationHeader, services } = context;
  const { db } = services.store;
  if (rule.edits && organizationHeader.kind === 'absent') throw new Refusal('BAD_INPUT', HEADER_MISSING);
  const named = await headerMembership(context);
  const found = await find(db, rule.target, id);
  const membership = await membershipOf(db, caller, found?.organization ?? '');
  const agrees = named === undefined || named.organization === found?.organization;
  if (found === undefined || membership === undefined || !agrees) throw notFound(WORDS[rule.target]);
  if (!may(membership, rule.need, found.source?.id ?? found.pipeline?.sourceId))
    throw new Refusal('FORBIDDEN', `Your role does not let you ${NEED_WORDS[rule.need]}.`);
  if (rule.isForPersons && caller.kind === 'key') throw new Refusal('FORBIDDEN', PERSONS_ONLY);
  return new Grant(caller, { ...found, membership });
}

/** The caller's place in the organization that the header names; undefined when there is no header. */
export async function headerMembership({
  caller,
  organizationHeader,
  services,
}: Omit<Context, 'grant'>): Promise<Membership | undefined> {
  switch (organizationHeader.kind) {
    case 'absent':
      return undefined;
    case 'malformed':
      throw new Refusal('BAD_INPUT', HEADER_MALFORMED);
    case 'given': {
      const membership = await membershipOf(services.store.db, caller, organizationHeader.id);
      if (membership === undefined) throw notFound('organization');
      return membership;
    }
  }
}

/** The caller's place in an organization; undefined when there is none, or no such organization. */
export async function membershipOf(
  db: Db,
  caller: Caller,
  organization: string,
): Promise<Membership | undefined> {
  switch (caller.kind) {
    case 'anonymous':
      return undefined;
    case 'key':
      return caller.key.organizationId === organization ? keyMembership(caller.key) : undefined;
    case 'user': {
      const member = await findMembership(db, organization, caller.user.id);
      if (member === undefined) return undefined;
      const { role, access, sources } = member;
      return { organization, role, access, sources: sources && new Set(sources) };
    }
  }
}

/** A key with the role User may edit all sources: whoever wants less makes an organization for it. */
function keyMembership({ organizationId, role }: StoredApiKey): Membership {
  return { organization: organizationId, role, access: 'EDIT', sources: undefined };
}

/** What an id names, with the organization that it belongs to. */
async function find(db: Db, target: Target, id: string) {
  switch (target) {
    case 'organization':
      return { organization: id };
    case 'source': {
      const source = await findSource(db, id);
      return source && { organization: source.organizationId, source };
    }
    case 'connection': {
      const connection = await findConnection(db, id);
      return connection && { organization: connection.organizationId, connection };
    }
    case 'pipeline': {
      const pipeline = await findPipeline(db, id);
      return pipeline && { organization: pipeline.organizationId, pipeline };
    }
    case 'apiKey': {
      const apiKey = await findApiKey(db, id);
      return apiKey && { organization: apiKey.organizationId, apiKey };
    }
  }
}
