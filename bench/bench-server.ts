import { type ServerProcess, startServer } from '../test/support/server-process.ts';
import { temporaryDirectory } from '../test/support/temporary-directory.ts';
import { writeWorkspace } from '../test/support/workspace-file.ts';

/** What every row is handed. */
export interface Bench {
  /** Where rows make their data directories: on the disk of the checkout, never in memory, where a sync is free. */
  readonly directory: string;
  /** Where the server leaves a CPU profile of each of its threads. Undefined to run it as it is. */
  readonly profiles: string | undefined;
}

/** Starts the product on an empty data directory, with one source whose events go to these hooks. */
export async function startProduct(
  { directory, profiles }: Bench,
  hooks: readonly string[] = [],
): Promise<ServerProcess> {
  await using opened = new AsyncDisposableStack();
  const own = opened.use(await temporaryDirectory(directory));
  const workspace = await writeWorkspace(own.path, { hooks });
  const nodeFlags = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  // One source sends everything here: its rate is what is measured.
  const environment = { METAROUTER_SOURCE_EVENTS_PER_SECOND: '0' };
  const server = opened.use(
    await startServer({ workspace, data: `${own.path}/data`, nodeFlags, environment }),
  );
  // Profiles are written at an orderly end only.
  if (profiles !== undefined) opened.defer(async () => void (await server.stop()));
  const all = opened.move();
  return { ...server, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
