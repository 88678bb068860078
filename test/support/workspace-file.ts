import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The write key of the one source that a test's workspace has. */
export const WRITE_KEY = 'ILoveData123';

/** What a test wants its workspace to be: one source, and where its events go. */
export interface WorkspaceContent {
  readonly platform?: 'analytics.js' | 'server';
  /** Where the source's events are posted to: one pipeline each, named `hook 1`, `hook 2`… */
  readonly hooks?: readonly string[];
}

/** Writes `workspace.yaml` into the directory and returns its path. JSON is YAML, so JSON is what is written. */
export async function writeWorkspace(directory: string, content: WorkspaceContent = {}): Promise<string> {
  const { platform = 'server', hooks = [] } = content;
  const named = hooks.map((url, index) => ({ name: `hook ${index + 1}`, url }));
  const workspace = {
    version: 1,
    organizations: [
      {
        name: 'Acme',
        connections: named.map(({ name, url }) => ({
          name,
          destination: 'webhooks',
          details: { urls: [url] },
        })),
        sources: [
          {
            name: 'Website',
            platform,
            writeKey: WRITE_KEY,
            pipelines: named.map(({ name }) => ({ name, destination: 'webhooks', connection: name })),
          },
        ],
      },
    ],
  };
  const path = join(directory, 'workspace.yaml');
  await writeFile(path, JSON.stringify(workspace, undefined, 2));
  return path;
}
