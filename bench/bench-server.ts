import { type ServerProcess, startServer } from '../test/support/server-process.ts';
import { temporaryDirectory } from '../test/support/temporary-directory.ts';
import { type Routing, writeRouting } from './routing.ts';

/** What every row is handed. */
export interface Bench {
  /** Where rows make their data directories: on the disk of the checkout, never in memory, where a sync is free. */
  readonly directory: string;
  /** Where the server leaves a CPU profile of each of its threads. Undefined to run it as it is. */
  readonly profiles: string | undefined;
}

/** Starts the product on an empty data directory. */
export async function startProduct(
  bench: Bench,
  routing: Routing = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  await using opened = new AsyncDisposableStack();
  const own = opened.use(await temporaryDirectory(bench.directory));
  const server = opened.use(await startProductOn(bench, own.path, routing, environment));
  const all = opened.move();
  return { ...server, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Starts the product on a directory with what is in its `data`, which stays when the product is ended. */
export async function startProductOn(
  { profiles }: Bench,
  directory: string,
  routing: Routing = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const nodeFlags = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  const server = await startServer({
    workspace: await writeRouting(directory, routing),
    data: `${directory}/data`,
    nodeFlags,
    // One source sends everything here: its rate is what is measured.
    environment: { METAROUTER_SOURCE_EVENTS_PER_SECOND: '0', ...environment },
  });
  if (profiles === undefined) return server;
  // Profiles are written at an orderly end only.
  return { ...server, [Symbol.asyncDispose]: async () => void (await server.stop()) };
}
