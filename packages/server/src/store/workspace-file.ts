import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { didYouMean } from '../platform/did-you-mean.ts';
import type { Pipeline, Source, Workspace } from './workspace.ts';
import { type Fault, parseWorkspaceDocument } from './workspace-document.ts';
import { pipelineId, sourceId } from './workspace-id.ts';
import { type DestinationCheck, findFaults } from './workspace-rules.ts';
import { knownKeys, WORKSPACE_FILE, type WorkspaceShape } from './workspace-shape.ts';

/** What came of reading: a whole workspace, or a line for everything that is wrong with the file. */
export type WorkspaceReading =
  | { readonly kind: 'workspace'; readonly workspace: Workspace }
  | { readonly kind: 'complaints'; readonly complaints: readonly string[] };

/** The workspace of a server that was given no file: nothing in it. */
export const EMPTY_WORKSPACE: Workspace = { sources: new Map(), pipelines: [] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a workspace file from disk. */
export function readWorkspaceFile(
  file: string,
  environment: Environment,
  destinations: readonly DestinationCheck[],
): WorkspaceReading {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'complaints', complaints: [`${file} cannot be read: ${reason}`] };
  }
  return parseWorkspace(file, text, environment, destinations);
}

/** Turns the text of a workspace file into a workspace; `file` is its name in complaints. */
export function parseWorkspace(
  file: string,
  text: string,
  environment: Environment,
  destinations: readonly DestinationCheck[],
): WorkspaceReading {
  const document = parseWorkspaceDocument(file, text, environment);
  if (document.complaints.length > 0) return { kind: 'complaints', complaints: document.complaints };
  const parsed = WORKSPACE_FILE.safeParse(document.value);
  const faults = parsed.success
    ? findFaults(parsed.data, destinations)
    : parsed.error.issues.flatMap((issue) => faultsOf(issue, document.value));
  if (parsed.success && faults.length === 0)
    return { kind: 'workspace', workspace: workspaceOf(parsed.data) };
  return { kind: 'complaints', complaints: faults.map((fault) => document.complaint(fault)) };
}

function workspaceOf({ organizations }: WorkspaceShape): Workspace {
  const sources = new Map<string, Source>();
  const pipelines: Pipeline[] = [];
  for (const organization of organizations) {
    const details = new Map(
      organization.connections.map((connection) => [connection.name, connection.details]),
    );
    for (const { name, platform, enabled, writeKey, pipelines: shapes } of organization.sources) {
      const id = writeKey ?? sourceId(organization.name, name);
      sources.set(id, { id, name, organization: organization.name, platform, enabled });
      for (const shape of shapes) {
        pipelines.push({
          ...shape,
          id: pipelineId(organization.name, name, shape.name),
          source: id,
          connection: details.get(shape.connection) ?? {},
        });
      }
    }
  }
  return { sources, pipelines };
}

/** An issue of the shape, in our own words. Values are not repeated: they may come from the environment. */
function faultsOf(issue: z.core.$ZodIssue, value: unknown): Fault[] {
  const { path } = issue;
  const wrong = valueAt(value, path) === undefined ? 'is missing' : 'is wrong';
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(path);
      return issue.keys.map((key) => {
        return { path: [...path, key], reason: `unknown key; ${didYouMean(key, known)}`, atKey: true };
      });
    }
    case 'invalid_type':
      return [{ path, reason: `${wrong}; give ${EXPECTED[issue.expected] ?? issue.expected}` }];
    case 'invalid_value':
      return [{ path, reason: `${wrong}; give ${issue.values.join(', ')}` }];
    default:
      return [{ path, reason: issue.message }];
  }
}

/** What the schema calls a type, in the words of a person who writes YAML. */
const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a table of keys and values',
  record: 'a table of keys and values',
};

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((found: unknown, segment) => (isRecord(found) ? found[segment] : undefined), value);
}

function isRecord(value: unknown): value is Readonly<Record<PropertyKey, unknown>> {
  return typeof value === 'object' && value !== null;
}
