import { existsSync, readdirSync } from 'node:fs';
import { ROOT, runQuietly, type Step } from './run-step.ts';

/** Everything with a compiler's settings of its own: each sees only what its runtime has. */
const PROJECTS = [
  ...readdirSync(`${ROOT}packages`).map((name) => `packages/${name}`),
  'test',
  'bench',
  'scripts',
].filter((folder) => existsSync(`${ROOT}${folder}/tsconfig.json`));

const STEPS: readonly Step[] = [
  ...PROJECTS.map(
    (folder): Step => ({ title: `types of ${folder}`, command: ['tsc', '-p', folder, '--pretty'] }),
  ),
  { title: 'lint and format', command: ['biome', 'check', '--error-on-warnings', '.'] },
  {
    title: 'borders between the rooms',
    command: [
      'depcruise',
      '--config',
      '.dependency-cruiser.cjs',
      'packages',
      'test',
      'bench',
      'scripts',
      'examples',
    ],
  },
  { title: 'dead code', command: ['knip', '--treat-config-hints-as-errors'] },
  { title: 'the lockfile installs anywhere', command: ['node', 'scripts/check-lockfile.ts'] },
  { title: 'generated files are fresh', command: ['node', 'scripts/generate.ts', '--check'] },
];

// All of them, so that one run tells everything that is wrong.
const failed = STEPS.filter((step) => !runQuietly(step));
if (failed.length > 0) {
  process.stdout.write(`\nNot in order: ${failed.map(({ title }) => title).join(', ')}.\n`);
  process.exit(1);
}
