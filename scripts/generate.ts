// Writes the files that are generated from the code; with --check it only says which of them are stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CATALOGUE } from '../packages/destinations/src/catalogue/index.ts';
import { destinationIndexPage, destinationPage } from '../packages/destinations/src/destination-page.ts';
import { schema } from '../packages/server/src/control/schema.ts';
import { schemaReferencePage, schemaText } from '../packages/server/src/control/schema-reference.ts';
import { configurationPage } from '../packages/server/src/platform/configuration-page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each generated file, with the function that knows its text. */
const GENERATED: readonly (readonly [file: string, text: () => string])[] = [
  ['docs/configuration.md', configurationPage],
  ['docs/houston-reference.md', () => schemaReferencePage(schema)],
  ['packages/server/src/control/schema.graphql', () => schemaText(schema)],
  ['docs/destinations/README.md', () => destinationIndexPage(CATALOGUE)],
  ...CATALOGUE.map(
    (entry) => [`docs/destinations/${entry.destination.code}.md`, () => destinationPage(entry)] as const,
  ),
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
