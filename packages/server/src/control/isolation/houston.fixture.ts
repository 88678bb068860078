import { prototypeId } from '../prototypes.ts';

/** What the id in an argument stands for. */
export type Kind =
  | 'organization'
  | 'source'
  | 'connection'
  | 'pipeline'
  | 'apiKey'
  | 'user'
  | 'deadLetter'
  | 'replay'
  | 'message'
  /** A cursor: a place in a list, and in a list of events. */
  | 'place'
  | 'eventPlace';

/** The rows of the table of roles. */
type Right =
  | 'see the organization'
  | 'change the organization'
  | 'leave the organization'
  | 'see the source'
  | 'change the source'
  | 'list connections'
  | 'change connections'
  | 'see and change API keys and the audit log';

/** What happens when an argument beside the first names what is another organization's, or nobody's. */
type Outcome =
  | 'BAD_INPUT'
  | 'NOT_FOUND'
  | 'FORBIDDEN'
  /** It is answered with nothing, or what is named has no effect. */
  | 'nothing'
  /** What is answered is the caller's own, whatever the cursor. */
  | 'own';

/** An operation as the design of the API has it. */
export interface Operation {
  readonly by: 'anybody' | 'whoever is signed in' | 'a person' | Right;
  /** What it takes to be answered with something, where others are answered with nothing. */
  readonly sees?: Right;
  /** Whether the header `organization` has to be there. */
  readonly edits?: true;
  /** The argument that says what it is about, and what that is. */
  readonly about?: readonly [argument: string, kind: Kind];
  /** The other arguments that name something, by their path, and what has to stand beside a member of an object. */
  readonly names?: Readonly<
    Record<string, readonly [kind: Kind, outcome: Outcome, beside?: Readonly<Record<string, unknown>>]>
  >;
  /** Arguments that name nothing, with values that can be used; `count` is another one for each call, `mark` in names. */
  readonly gives?: (count: number, mark: string) => Readonly<Record<string, unknown>>;
  /** Arguments that name nothing and may be left out. */
  readonly leaves?: readonly string[];
}

const PASSWORD = 'correct horse battery';

/**
 * Every operation, and who may do it: read off the design of the API and its table of roles, and on purpose not off the
 * rules in the schema. Whoever adds a field to the schema says here what it ought to be.
 */
export const HOUSTON: Readonly<Record<string, Operation>> = {
  'Query.me': { by: 'a person' },
  'Query.organizations': {
    by: 'whoever is signed in',
    sees: 'see the organization',
    about: ['orgId', 'organization'],
    names: { userId: ['user', 'nothing'] },
  },
  'Query.applications': {
    by: 'whoever is signed in',
    sees: 'see the source',
    about: ['appId', 'source'],
    names: { orgId: ['organization', 'nothing'] },
  },
  'Query.clickstreamPrototypes': { by: 'whoever is signed in', leaves: ['code'] },
  'Query.orgConnections': {
    by: 'list connections',
    about: ['orgId', 'organization'],
    leaves: ['connectionPrototype'],
  },
  'Query.connection': { by: 'list connections', about: ['connectionId', 'connection'] },
  'Query.clickstreamConfigs': { by: 'see the source', about: ['appId', 'source'] },
  'Query.events': {
    by: 'see the source',
    about: ['appId', 'source'],
    names: { after: ['eventPlace', 'own'] },
    leaves: ['search', 'first'],
  },
  'Query.event': {
    by: 'see the source',
    about: ['appId', 'source'],
    names: { messageId: ['message', 'nothing'] },
  },
  'Query.eventCounts': {
    by: 'see the source',
    about: ['appId', 'source'],
    gives: () => ({ period: 'DAY' }),
    leaves: ['from', 'to'],
  },
  'Query.ledger': { by: 'see the source', about: ['appId', 'source'] },
  'Query.deadLetters': {
    by: 'see the source',
    about: ['integrationId', 'pipeline'],
    names: { after: ['place', 'own'] },
    leaves: ['reason', 'first'],
  },
  'Query.deadLetterReasons': { by: 'see the source', about: ['integrationId', 'pipeline'] },
  'Query.preview': {
    by: 'see the source',
    about: ['integrationId', 'pipeline'],
    gives: () => ({ event: { type: 'track', event: 'Order Completed', userId: 'u' } }),
  },
  'Query.replays': { by: 'see the source', about: ['integrationId', 'pipeline'] },
  'Query.apiKeys': { by: 'see and change API keys and the audit log', about: ['orgId', 'organization'] },
  'Query.auditLog': {
    by: 'see and change API keys and the audit log',
    about: ['orgId', 'organization'],
    names: { after: ['place', 'own'] },
    leaves: ['first'],
  },
  'Subscription.events': { by: 'see the source', about: ['appId', 'source'] },

  'Mutation.createToken': {
    by: 'anybody',
    gives: () => ({ username: 'nobody@example.com', password: PASSWORD }),
  },
  'Mutation.createNewUser': {
    by: 'anybody',
    gives: () => ({ email: 'somebody@example.com', password: PASSWORD }),
    leaves: ['profile'],
  },
  'Mutation.confirmEmail': { by: 'anybody', gives: () => ({ token: 'unknown' }) },
  'Mutation.requestPasswordReset': { by: 'anybody', gives: () => ({ email: 'nobody@example.com' }) },
  'Mutation.resetPassword': {
    by: 'anybody',
    gives: () => ({ token: 'unknown', password: PASSWORD }),
  },
  'Mutation.setUp': {
    by: 'anybody',
    gives: () => ({
      token: 'unknown',
      email: 'somebody@example.com',
      password: PASSWORD,
      organization: 'Acme',
    }),
    leaves: ['profile'],
  },
  'Mutation.updateUser': {
    by: 'a person',
    gives: () => ({ profile: { firstName: 'Ada' } }),
    leaves: ['email', 'password', 'currentPassword', 'delete'],
  },
  'Mutation.updateOrganization': {
    by: 'change the organization',
    edits: true,
    about: ['orgId', 'organization'],
    names: {
      'addUser.userId': ['user', 'BAD_INPUT'],
      'addUser.applications': ['source', 'BAD_INPUT', { email: 'guest@example.com' }],
      'changeUser.userId': ['user', 'NOT_FOUND'],
      'changeUser.applications': ['source', 'BAD_INPUT'],
      removeUser: ['user', 'NOT_FOUND'],
    },
    gives: (_, mark) => ({ name: mark }),
    leaves: [
      'addUser.email',
      'addUser.role',
      'addUser.access',
      'changeUser.email',
      'changeUser.role',
      'changeUser.access',
      'delete',
    ],
  },
  'Mutation.leaveOrganization': {
    by: 'leave the organization',
    edits: true,
    about: ['orgId', 'organization'],
  },
  'Mutation.createApplication': {
    by: 'change the source',
    edits: true,
    about: ['orgId', 'organization'],
    gives: (_, mark) => ({ name: mark, platform: 'server' }),
  },
  'Mutation.updateApplication': {
    by: 'change the source',
    edits: true,
    about: ['appId', 'source'],
    gives: (_, mark) => ({ name: mark }),
    leaves: ['enabled', 'delete'],
  },
  'Mutation.createConnection': {
    by: 'change connections',
    edits: true,
    about: ['orgId', 'organization'],
    gives: (count, mark) => ({
      integrationCode: 'webhooks',
      connectionPrototypeId: prototypeId('webhooks'),
      details: { urls: [`https://${mark}.example/`] },
      name: `${mark} ${count}`,
    }),
  },
  'Mutation.updateConnection': {
    by: 'change connections',
    edits: true,
    about: ['connectionId', 'connection'],
    gives: (_, mark) => ({ details: { urls: [`https://${mark}.example/`] } }),
    leaves: ['name', 'delete'],
  },
  'Mutation.testConnection': { by: 'change connections', about: ['connectionId', 'connection'] },
  'Mutation.createIntegration': {
    by: 'change the source',
    edits: true,
    about: ['appId', 'source'],
    names: { connectionId: ['connection', 'BAD_INPUT'] },
    gives: (_, mark) => ({ integrationCode: 'webhooks', name: mark }),
    leaves: ['configPayload', 'filter'],
  },
  'Mutation.updateIntegration': {
    by: 'change the source',
    edits: true,
    about: ['integrationId', 'pipeline'],
    names: { connectionId: ['connection', 'BAD_INPUT'] },
    gives: (_, mark) => ({ name: mark }),
    leaves: ['configPayload', 'filter', 'enabled', 'delete'],
  },
  'Mutation.redeliver': {
    by: 'change the source',
    edits: true,
    about: ['integrationId', 'pipeline'],
    names: { deadLetterIds: ['deadLetter', 'nothing'] },
    leaves: ['reason'],
  },
  'Mutation.replay': {
    by: 'change the source',
    edits: true,
    about: ['integrationId', 'pipeline'],
    gives: () => ({ from: '2026-01-01T00:00:00Z' }),
    leaves: ['to'],
  },
  'Mutation.changeReplay': {
    by: 'change the source',
    edits: true,
    about: ['integrationId', 'pipeline'],
    names: { replayId: ['replay', 'NOT_FOUND'] },
    gives: () => ({ action: 'PAUSE' }),
  },
  'Mutation.createApiKey': {
    by: 'see and change API keys and the audit log',
    edits: true,
    about: ['orgId', 'organization'],
    gives: (_, mark) => ({ name: mark, role: 'USER' }),
  },
  'Mutation.revokeApiKey': {
    by: 'see and change API keys and the audit log',
    edits: true,
    about: ['id', 'apiKey'],
  },
  // Last, for after it whoever belonged to no organization has one.
  'Mutation.createOrganization': {
    by: 'a person',
    names: { userId: ['user', 'FORBIDDEN'] },
    gives: () => ({ name: 'Another' }),
  },
};

export type Side = 'A' | 'B';

/** A caller's place in an organization. */
export interface Place {
  readonly role: 'OWNER' | 'USER';
  readonly access: 'EDIT' | 'VIEW';
  /** The one that operations are about, the other one of the organization, or all. */
  readonly sources: 'all' | 'this' | 'other';
}

/** Who calls, as far as the verdict hangs on it. */
export interface Standing {
  readonly kind: 'nobody' | 'person' | 'key';
  readonly places: Readonly<Partial<Record<Side, Place>>>;
}

/** What the header `organization` says. */
export type Header = Side | 'missing' | 'malformed' | 'twice';

/** What comes of a call: a code, or that it is done. */
export type Verdict = 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND' | 'BAD_INPUT' | 'done';

/** What ought to come of a call about an object of this organization; undefined stands for one that does not exist. */
export function verdictOf(
  { by, edits, about }: Operation,
  { kind, places }: Standing,
  target: Side | undefined,
  header: Header,
): Verdict {
  if (by === 'anybody') return 'done';
  if (kind === 'nobody') return 'UNAUTHENTICATED';
  if (by === 'a person') return kind === 'person' ? 'done' : 'FORBIDDEN';
  if (header === 'malformed' || header === 'twice') return 'BAD_INPUT';
  if (header === 'missing' && edits) return 'BAD_INPUT';
  if (header !== 'missing' && places[header] === undefined) return 'NOT_FOUND';
  if (by === 'whoever is signed in') return 'done';
  const place = target && places[target];
  if (place === undefined || (header !== 'missing' && header !== target)) return 'NOT_FOUND';
  if (by === 'leave the organization' && kind === 'key') return 'FORBIDDEN';
  return isAllowed(by, place, about?.[1]) ? 'done' : 'FORBIDDEN';
}

/** Whether the answer ought to have something of the object in it. */
export function isShown(
  operation: Operation,
  standing: Standing,
  target: Side | undefined,
  header: Header,
): boolean {
  const { by, sees = by } = operation;
  return verdictOf({ ...operation, by: sees }, standing, target, header) === 'done';
}

/** The table of roles. */
function isAllowed(right: Right, { role, access, sources }: Place, kind: Kind | undefined): boolean {
  if (role === 'OWNER') return true;
  // Who has named sources makes no new ones, which would not be among them.
  const isGranted = sources === 'all' || (sources === 'this' && kind !== 'organization');
  switch (right) {
    case 'see the organization':
    case 'leave the organization':
    case 'list connections':
      return true;
    case 'see the source':
      return isGranted;
    case 'change the source':
      return isGranted && access === 'EDIT';
    case 'change the organization':
    case 'change connections':
    case 'see and change API keys and the audit log':
      return false;
  }
}
