// Writes the files that are generated from the code; with --check it only says which of them are stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configurationPage } from '../packages/server/src/platform/configuration-page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each generated file, with the function that knows its text. */
const GENERATED: readonly (readonly [file: string, text: () => string])[] = [
  ['docs/configuration.md', configurationPage],
];

const stale = GENERATED.filter(
  ([file, text]) => !existsSync(root + file) || readFileSync(root + file, 'utf8') !== text(),
);
const onlyCheck = process.argv.includes('--check');
for (const [file, text] of stale) {
  if (!onlyCheck) writeFileSync(root + file, text());
  process.stdout.write(
    `${file} ${onlyCheck ? 'is stale: run node scripts/run.mjs scripts/generate.ts' : 'written'}\n`,
  );
}
if (onlyCheck && stale.length > 0) process.exitCode = 1;
