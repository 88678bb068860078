import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WRITE_KEY } from '../test/support/workspace-file.ts';

/** What a benchmark wants its workspace to be: sources, and where each of them sends all of its events. */
export interface Routing {
  /** One source each. The tests' one source unless given. */
  readonly writeKeys?: readonly string[];
  /** Each source has a pipeline to each of these URLs. */
  readonly hooks?: readonly string[];
}

/** Write keys of one length, for so many sources. */
export function writeKeysFor(sources: number): readonly string[] {
  return Array.from({ length: sources }, (_, index) => `source-${String(index).padStart(6, '0')}`);
}

/** Writes `workspace.yaml` into the directory and returns its path. JSON is YAML, so JSON is what is written. */
export async function writeRouting(directory: string, routing: Routing): Promise<string> {
  const { writeKeys = [WRITE_KEY], hooks = [] } = routing;
  const destination = 'webhooks';
  const named = hooks.map((url, index) => ({ name: `hook ${index + 1}`, url }));
  const pipelines = named.map(({ name }) => ({ name, destination, connection: name }));
  const workspace = {
    version: 1,
    organizations: [
      {
        name: 'Acme',
        connections: named.map(({ name, url }) => ({ name, destination, details: { urls: [url] } })),
        sources: writeKeys.map((writeKey) => ({ name: writeKey, platform: 'server', writeKey, pipelines })),
      },
    ],
  };
  const path = join(directory, 'workspace.yaml');
  await writeFile(path, JSON.stringify(workspace));
  return path;
}
