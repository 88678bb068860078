import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipelineId } from '../../packages/server/src/store/workspace-id.ts';
import { WRITE_KEY } from './workspace-file.ts';

/** A pipeline with a connection of its own. */
interface PipelineContent {
  readonly name: string;
  /** `webhooks` unless given. */
  readonly destination?: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly filter?: readonly Readonly<Record<string, string>>[];
  /** True unless given. */
  readonly enabled?: boolean;
  /** Has both deleted. One that is left out of the next file stays as it is. */
  readonly delete?: boolean;
}

/** A workspace with one source, whose write key is `WRITE_KEY`. */
export interface PipelinesContent {
  readonly pipelines: readonly PipelineContent[];
  /** Whether the source is enabled: true unless given. */
  readonly enabled?: boolean;
}

/** Writes `workspace.yaml` into the directory, over the one that is there, and returns its path. */
export async function writePipelines(directory: string, content: PipelinesContent): Promise<string> {
  const { pipelines, enabled } = content;
  const workspace = {
    version: 1,
    organizations: [
      {
        name: 'Acme',
        connections: pipelines.map(({ name, destination = 'webhooks', details, delete: isToDelete }) => ({
          name,
          destination,
          details,
          delete: isToDelete,
        })),
        sources: [
          {
            name: 'Website',
            platform: 'server',
            writeKey: WRITE_KEY,
            enabled,
            pipelines: pipelines.map(({ details: _, destination = 'webhooks', ...pipeline }) => ({
              ...pipeline,
              destination,
              connection: pipeline.name,
            })),
          },
        ],
      },
    ],
  };
  const path = join(directory, 'workspace.yaml');
  await writeFile(path, JSON.stringify(workspace, undefined, 2));
  return path;
}

/** The id of the pipeline with this name. */
export function idOf(pipeline: string): string {
  return pipelineId('Acme', 'Website', pipeline);
}
