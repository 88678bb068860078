import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createSeal, type Seal } from '../platform/sealing.ts';
import type { SecretKey } from '../platform/secret-key.ts';
import { PLATFORMS, type Workspace } from './workspace.ts';

/** In the data directory. */
const FILE_NAME = 'configuration.sealed';
const OWNER_ONLY = 0o600;

const VALUES = z.record(z.string(), z.unknown());

/** The file's content once it is opened. Another shape would have another number. */
const CONTENT = z.object({
  version: z.literal(1),
  /** Milliseconds since 1970. */
  at: z.number(),
  sources: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      organization: z.string(),
      platform: z.enum(PLATFORMS),
      enabled: z.boolean(),
    }),
  ),
  pipelines: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      source: z.string(),
      destination: z.string(),
      connection: VALUES,
      config: VALUES,
      filter: z.array(
        z.object({ name: z.string(), only: z.string().optional(), drop: z.string().optional() }),
      ),
      enabled: z.boolean(),
    }),
  ),
});

/** A configuration, and when it was in force. */
export interface KeptConfiguration {
  readonly workspace: Workspace;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * The last good configuration, on this machine's disk: what door and lanes go on with while the database is away. It holds
 * the credentials of all pipelines, so the whole file is sealed under the operator's key.
 */
export class SealedConfiguration {
  readonly #directory: string;
  readonly #seal: Seal;

  constructor(dataDirectory: string, secretKey: SecretKey) {
    this.#directory = dataDirectory;
    this.#seal = createSeal(secretKey.key('configuration'), 'configuration');
  }

  /**
   * What was kept last; undefined when nothing was.
   *
   * @throws when it cannot be read: altered, sealed under another key, or written by another version.
   */
  read(): KeptConfiguration | undefined {
    let sealed: string;
    try {
      sealed = readFileSync(join(this.#directory, FILE_NAME), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
    const { at, sources, pipelines } = CONTENT.parse(JSON.parse(this.#seal.open(sealed)));
    return { at, workspace: { sources: new Map(sources.map((source) => [source.id, source])), pipelines } };
  }

  /** Takes the place of what was kept before: whole, or after a crash not at all. */
  async write({ workspace: { sources, pipelines }, at }: KeptConfiguration): Promise<void> {
    const content = { version: 1, at, sources: [...sources.values()], pipelines };
    const file = join(this.#directory, FILE_NAME);
    await writeDurably(`${file}.new`, this.#seal.seal(JSON.stringify(content)));
    await rename(`${file}.new`, file);
    await syncNames(this.#directory);
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const opened = await open(file, 'w', OWNER_ONLY);
  try {
    await opened.writeFile(text);
    await opened.sync();
  } finally {
    await opened.close();
  }
}

async function syncNames(directory: string): Promise<void> {
  const opened = await open(directory, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
