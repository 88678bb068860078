// Measures the product beside its own baselines and writes bench/results.json.
//
//   npm run bench -- [--only NAME]… [--profile DIRECTORY]
//
// --profile leaves a CPU profile of each of the server's threads in DIRECTORY/NAME; figures are lower with it.
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { temporaryDirectory } from '../test/support/temporary-directory.ts';
import { type Result, tableOf } from './result.ts';
import { acceptBatch, acceptSingle } from './rows/accept.ts';
import { endToEnd } from './rows/end-to-end.ts';
import { memory } from './rows/memory.ts';
import { overload, slowClients } from './rows/pressure.ts';
import { start } from './rows/start.ts';

const ROWS = new Map([
  ['start', start],
  ['memory', memory],
  ['accept-single', acceptSingle],
  ['accept-batch', acceptBatch],
  ['end-to-end', endToEnd],
  ['overload', overload],
  ['slow-clients', slowClients],
]);
const RESULTS = fileURLToPath(new URL('results.json', import.meta.url));
const DATA = fileURLToPath(new URL('../data/', import.meta.url));

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, profile: { type: 'string' } },
});
const names = values.only ?? [...ROWS.keys()];
const unknown = names.filter((name) => !ROWS.has(name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${[...ROWS.keys()].join(', ')}`);
  process.exit(2);
}

console.log(
  `Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}`,
);
await mkdir(DATA, { recursive: true });
const results: Result[] = [];
{
  await using directory = await temporaryDirectory(DATA);
  for (const name of names) {
    console.log(`${name}…`);
    const profiles = values.profile === undefined ? undefined : resolve(values.profile, name);
    results.push(...((await ROWS.get(name)?.({ directory: directory.path, profiles })) ?? []));
  }
}
await writeFile(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
console.log(`\n${tableOf(results)}`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
