import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTATIONS, type Mutation } from './mutations.ts';
import { ROOT } from './run-step.ts';

/** What the proofs need of the project. */
const COPIED = ['packages', 'scripts', 'package.json', 'vitest.config.ts', 'tsconfig.base.json'];

/** Breaks a copy of the project in each of the known ways; says whether every proof noticed. */
export function proveMutations(): boolean {
  const copy = mkdtempSync(join(tmpdir(), 'metarouter-mutations-'));
  try {
    copyProject(copy);
    return MUTATIONS.map((mutation) => isCaught(copy, mutation)).every((caught) => caught);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function copyProject(copy: string): void {
  for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  // The packages that are ours must be the copies; all others may be the ones at hand.
  mkdirSync(join(copy, 'node_modules/@metarouter'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'packages'))) {
    symlinkSync(join(copy, 'packages', name), join(copy, 'node_modules/@metarouter', name));
  }
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '@metarouter')
      symlinkSync(join(ROOT, 'node_modules', name), join(copy, 'node_modules', name));
  }
}

function isCaught(copy: string, { title, file, original, broken, proof }: Mutation): boolean {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(original).length !== 2) throw new Error(`The mutation '${title}' no longer fits ${file}.`);
  const soundPasses = passes(copy, proof);
  writeFileSync(
    path,
    text.replace(original, () => broken),
  );
  const brokenPasses = passes(copy, proof);
  writeFileSync(path, text);
  const verdict = !soundPasses ? 'the proof fails on sound code' : brokenPasses ? 'NOT CAUGHT' : 'caught';
  process.stdout.write(`mutation '${title}': ${verdict} by ${proof}\n`);
  return soundPasses && !brokenPasses;
}

function passes(copy: string, proof: string): boolean {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'parts', proof], {
    cwd: copy,
    stdio: 'ignore',
  });
  return status === 0;
}
