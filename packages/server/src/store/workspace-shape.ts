import { z } from 'zod';
import { PLATFORMS } from './workspace.ts';

const name = z
  .string()
  .trim()
  .min(1, 'is empty; give a name')
  .max(200, 'is longer than 200 characters')
  .refine((text) => !text.includes('\0'), 'has the character NUL in it; leave that out');
const fields = z.record(z.string(), z.unknown());

/** Nothing is ever deleted because it is missing in the file: it has to be said. */
const toDelete = z.boolean().default(false);

const user = z.strictObject({
  email: z.email('is no e-mail address'),
  role: z.enum(['owner', 'user']),
  delete: toDelete,
});

const connection = z.strictObject({
  name,
  destination: z.string(),
  details: fields.default({}),
  delete: toDelete,
});

/** What is wrong with a rule beyond its keys is said where filters are compiled. */
const filterRule = z.strictObject({
  name: z.string().trim(),
  only: z.string().optional(),
  drop: z.string().optional(),
});

const pipeline = z.strictObject({
  name,
  destination: z.string(),
  connection: z.string(),
  config: fields.default({}),
  filter: z.array(filterRule).default([]),
  enabled: z.boolean().default(true),
  delete: toDelete,
});

const source = z.strictObject({
  name,
  platform: z.enum(PLATFORMS),
  writeKey: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, dashes or underscores')
    .optional(),
  enabled: z.boolean().default(true),
  delete: toDelete,
  pipelines: z.array(pipeline).default([]),
});

const organization = z.strictObject({
  name,
  users: z.array(user).default([]),
  connections: z.array(connection).default([]),
  sources: z.array(source).default([]),
});

/** The shape of a workspace file. What no shape can say is in workspace-rules.ts. */
export const WORKSPACE_FILE = z.strictObject({
  version: z.literal(1),
  organizations: z.array(organization),
});

export type WorkspaceShape = z.output<typeof WORKSPACE_FILE>;
export type OrganizationShape = WorkspaceShape['organizations'][number];
export type SourceShape = OrganizationShape['sources'][number];
export type PipelineShape = SourceShape['pipelines'][number];
export type ConnectionShape = OrganizationShape['connections'][number];
export type UserShape = OrganizationShape['users'][number];

/** The keys that an entry of each list may have; `undefined` stands for the file itself. */
const KNOWN_KEYS: ReadonlyMap<string | undefined, readonly string[]> = new Map([
  [undefined, Object.keys(WORKSPACE_FILE.shape)],
  ['organizations', Object.keys(organization.shape)],
  ['users', Object.keys(user.shape)],
  ['connections', Object.keys(connection.shape)],
  ['sources', Object.keys(source.shape)],
  ['pipelines', Object.keys(pipeline.shape)],
  ['filter', Object.keys(filterRule.shape)],
]);

/** The keys that may stand at a path. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const list = path.findLast((segment) => typeof segment === 'string');
  return KNOWN_KEYS.get(list) ?? [];
}
