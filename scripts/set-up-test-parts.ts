import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The real parts that tests use besides npm's packages, and the Debian packages that bring them. */
const PARTS = [
  { names: ['chromium', 'chromium-browser', 'google-chrome'], debianPackage: 'chromium' },
  { names: ['strace'], debianPackage: 'strace' },
] as const;

/** On Debian, as root, installs the parts that are missing. Elsewhere it leaves the machine alone. */
export function setUpTestParts(): void {
  const missing = PARTS.filter(({ names }) => !names.some(isInstalled)).map((part) => part.debianPackage);
  if (missing.length === 0 || !existsSync('/etc/debian_version') || process.getuid?.() !== 0) return;
  process.stdout.write(`Installing ${missing.join(' and ')} for the tests (once)…\n`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...missing]]) {
    const done = spawnSync('apt-get', ['-qq', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: environment,
    });
    // The tests that need the part say so themselves.
    if (done.status !== 0) return;
  }
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
