import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { didYouMean } from '../platform/did-you-mean.ts';
import { type Fault, parseWorkspaceDocument } from './workspace-document.ts';
import { type DestinationCheck, findFaults } from './workspace-rules.ts';
import { knownKeys, WORKSPACE_FILE, type WorkspaceShape } from './workspace-shape.ts';

/** What came of reading: a good file, to be applied to the store, or a line for everything that is wrong with it. */
export type WorkspaceReading =
  | { readonly kind: 'workspace'; readonly workspace: WorkspaceShape }
  | { readonly kind: 'complaints'; readonly complaints: readonly string[] };

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

/** Checks the text of a workspace file; `file` is its name in complaints. */
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
  if (parsed.success && faults.length === 0) return { kind: 'workspace', workspace: parsed.data };
  return { kind: 'complaints', complaints: faults.map((fault) => document.complaint(fault)) };
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
