import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A program of the project's packages, run in the project's folder under this very Node. */
export interface Step {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a step with its output shown; says whether it succeeded. */
export function runStep({ title, command: [program, ...args], environment }: Step): boolean {
  process.stdout.write(`\n▸ ${title}\n`);
  const { status } = spawnSync(program, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${ROOT}node_modules/.bin:${process.env.PATH}`, ...environment },
  });
  return status === 0;
}

/** Runs a step quietly: its output is shown only when it fails. */
export function runQuietly({ title, command: [program, ...args] }: Step): boolean {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PATH: `${ROOT}node_modules/.bin:${process.env.PATH}` },
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${status === 0 ? '✔' : '✘'} ${title} (${seconds} s)\n`);
  if (status !== 0) process.stdout.write(`${stdout}${stderr}\n`);
  return status === 0;
}
