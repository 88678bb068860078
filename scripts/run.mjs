// Runs one of the project's programs: installs what is missing, then hands over to it under Node 24.
// Plain JavaScript, because the Node that starts it may be too old to run TypeScript.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import nodeModule, { createRequire } from 'node:module';
import { arch, platform } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NODE_MAJOR = 24;
const root = fileURLToPath(new URL('..', import.meta.url));
const [program, ...args] = process.argv.slice(2);

install();
boundNameLookups();
keepCompiled();
await handOver();

/** `npm ci` when there are no packages yet, or the lockfile is newer than they are. */
function install() {
  if (isInstalled()) return;
  const turn = `${root}.installing`;
  awaitTurn(turn);
  try {
    // Another command may have done it meanwhile.
    if (!isInstalled()) runNpm();
  } finally {
    rmSync(turn, { force: true });
  }
}

function isInstalled() {
  const lock = `${root}package-lock.json`;
  const installed = `${root}node_modules/.package-lock.json`;
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
}

/** Two commands in two terminals must not install at the same time. What a dead process left behind does not count. */
function awaitTurn(turn) {
  for (let waits = 0; ; waits++) {
    try {
      writeFileSync(turn, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (waits === 0) process.stderr.write('Waiting for another command that installs packages…\n');
    if (waits > 0 && !isHeld(turn)) rmSync(turn, { force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  }
}

function isHeld(turn) {
  try {
    return process.kill(Number(readFileSync(turn, 'utf8')), 0);
  } catch {
    return false;
  }
}

function runNpm() {
  process.stderr.write('Installing packages (once, about half a minute)…\n');
  const npm = spawnSync('npm', ['ci', '--loglevel=error', '--no-progress'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: platform === 'win32',
  });
  if (npm.status !== 0) {
    process.stderr.write(
      'npm ci failed; its messages are above. Mend what it names and run this command again.\n',
    );
    rmSync(`${root}.installing`, { force: true });
    process.exit(1);
  }
}

/**
 * Look-ups of host names run in half of Node's thread pool, which is four wide: two names whose servers do not answer
 * would keep all destinations waiting. And the system waits long for such a server, also when we stop. Both must be set
 * before the pool is first used.
 */
function boundNameLookups() {
  process.env.UV_THREADPOOL_SIZE ??= '64';
  process.env.RES_OPTIONS ??= 'timeout:2 attempts:2';
}

/**
 * Lets Node keep what it compiled, TypeScript's types taken out, for the next start: that halves the time to be ready, and
 * saves each thread the memory of the compiler. Programs and threads that are started from here learn of it by the variable.
 */
function keepCompiled() {
  process.env.NODE_COMPILE_CACHE ??= `${root}node_modules/.cache/compiled`;
  nodeModule.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
}

/** Runs the program here if this Node is new enough, else under the Node that came with the packages. */
async function handOver() {
  if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR) {
    process.argv.splice(1, 2, `${root}${program}`);
    await import(pathToFileURL(`${root}${program}`).href);
    return;
  }
  const child = spawn(bundledNode(), [`${root}${program}`, ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH}` },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

function bundledNode() {
  const require = createRequire(import.meta.url);
  for (const name of [`node-${platform}-${arch}`, `node-bin-${platform}-${arch}`]) {
    try {
      const manifest = require.resolve(`${name}/package.json`);
      const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
      return manifest.replace('package.json', bin.node);
    } catch {
      // Not the name that this platform's package goes by.
    }
  }
  process.stderr.write(
    `MetaRouter needs Node ${NODE_MAJOR}; none comes along for ${platform}-${arch}. Install it and run this again.\n`,
  );
  process.exit(1);
}
