import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';

const MAIN = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url));
/** Longer than any start on a busy machine; a start that takes longer is a failure worth reading about. */
const START_TIMEOUT_MS = 30_000;
/** The promise of a shutdown is 30 s; what is still there afterwards is killed and reported. */
const EXIT_TIMEOUT_MS = 35_000;

/** How to run the server. */
export interface ServerOptions {
  /** Path of the workspace file. Without one there are no sources. */
  readonly workspace?: string;
  /** Path of the data directory. */
  readonly data: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Path of a program to run in place of main.ts. It gets a channel over which it can be spoken to. */
  readonly entry?: string;
  /** Private networks that destinations may be in. The loopback network of IPv4 unless given. */
  readonly allowPrivate?: readonly string[];
  /** Put in front of node: a program that runs the rest of its command line in its own place, like a tracer. */
  readonly under?: readonly string[];
  readonly nodeFlags?: readonly string[];
  /** Settings of the server, such as `METAROUTER_RETENTION`. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a process ended: with a code, or by a signal. */
interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The real server in a process of its own. Disposing of it kills it if it still runs. */
export interface LaunchedServer extends AsyncDisposable {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Everything it has written so far, standard output and error in the order of arrival. */
  output(): string;
  /** Resolves when the process has ended and its output is complete. */
  readonly exit: Promise<Exit>;
  /** Ends it without warning (SIGKILL). */
  kill(): Promise<Exit>;
  /** Asks it to end (SIGTERM). Rejects when it does not within what it promises. */
  stop(): Promise<Exit>;
}

/** A server that has answered 200 on `/health/ready`. */
export interface ServerProcess extends LaunchedServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
}

/** Starts the process and does not wait until it is ready: for starts that are meant to fail. */
export async function launchServer(options: ServerOptions): Promise<LaunchedServer> {
  const [program = process.execPath, ...args] = [
    ...(options.under ?? []),
    process.execPath,
    ...(options.nodeFlags ?? []),
    options.entry ?? MAIN,
    ...(options.workspace === undefined ? [] : ['--workspace', options.workspace]),
    ...['--data', options.data],
    ...['--port', String(options.port ?? 0)],
    ...(options.allowPrivate ?? ['127.0.0.0/8']).flatMap((network) => ['--allow-private', network]),
  ];
  const env = { ...ownEnvironment(), ...(await databaseOf(options)), ...options.environment };
  const channel = options.entry === undefined ? [] : (['ipc'] as const);
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe', ...channel],
    serialization: 'advanced',
    env,
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exit = exitOf(child).finally(() => process.off('exit', killWithUs));
  // A test may end before it looks at the exit; that must not count as an unhandled rejection.
  exit.catch(() => undefined);
  const kill = () => {
    child.kill('SIGKILL');
    return exit;
  };
  return {
    pid: child.pid ?? Number.NaN,
    child,
    output: () => output,
    exit,
    kill,
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), EXIT_TIMEOUT_MS);
      const ended = await exit.finally(() => clearTimeout(late));
      if (ended.signal === 'SIGKILL')
        throw new Error(`Not ended ${EXIT_TIMEOUT_MS} ms after SIGTERM:\n${output}`);
      return ended;
    },
    async [Symbol.asyncDispose]() {
      await kill().catch(() => undefined);
    },
  };
}

/** Starts the process and resolves once it is ready. Rejects with all it said when it ends or never gets there. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const launched = await launchServer(options);
  let ended: Exit | undefined;
  launched.exit.then((exit) => {
    ended = exit;
  }, undefined);
  const address = () => /Ready on (http:\/\/[^\s"\\]+)/.exec(launched.output())?.[1];
  const isReady = async () => {
    if (ended !== undefined)
      throw new Error(`The server ended (${JSON.stringify(ended)}):\n${launched.output()}`);
    const url = address();
    return url !== undefined && (await statusOf(`${url}/health/ready`)) === 200;
  };
  try {
    await eventually(() => `ready. The server said:\n${launched.output()}`, isReady, START_TIMEOUT_MS);
  } catch (cause) {
    await launched[Symbol.asyncDispose]();
    throw cause;
  }
  const url = new URL(address() ?? '');
  return { ...launched, url: url.origin, port: Number(url.port) };
}

async function statusOf(url: string): Promise<number> {
  try {
    return (await fetch(url)).status;
  } catch {
    return 0;
  }
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  // `close`, not `exit`: only then has all of the output arrived.
  await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode };
}

/** The setting for the database of the data directory, when all tests are to use PostgreSQL. */
async function databaseOf({ data }: ServerOptions): Promise<Readonly<Record<string, string>>> {
  if (process.env.METAROUTER_TEST_DATABASE === undefined) return {};
  // Only with the tests' own runner, which is not there in a bench.
  const { databaseUrlFor } = await import('../../packages/server/src/store/test-database.fixture.ts');
  const url = await databaseUrlFor(data);
  return url === undefined ? {} : { METAROUTER_DATABASE_URL: url };
}

/** This process's environment without the settings of a MetaRouter that may be set up on the machine. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('METAROUTER_')));
}
