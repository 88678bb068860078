// Measures the product beside its own baselines and writes bench/results.json.
//
//   npm run bench -- [--only NAME]… [--profile DIRECTORY]
//
// A bench that shares what it measures with others brings their figures along. The other lines of results.json stay.
// --profile leaves a CPU profile of each of the server's threads in DIRECTORY/BENCH; figures are lower with it.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { temporaryDirectory } from '../test/support/temporary-directory.ts';
import { type Result, replaced, tableOf } from './result.ts';
import { acceptBatch, acceptSingle } from './rows/accept.ts';
import { badNeighbour } from './rows/bad-neighbour.ts';
import { endToEnd, manySources } from './rows/end-to-end.ts';
import { footprint } from './rows/footprint.ts';
import { latency } from './rows/latency.ts';
import { logins } from './rows/logins.ts';
import { overload, slowClients } from './rows/pressure.ts';
import { start, startFilled } from './rows/start.ts';

/** Each with the benches that it measures: some share processes and baselines. */
const ROWS = [
  { benches: ['start'], measure: start },
  { benches: ['start-1gb'], measure: startFilled },
  { benches: ['idle-cpu', 'memory-idle', 'memory-flowing'], measure: footprint },
  { benches: ['accept-single'], measure: acceptSingle },
  { benches: ['accept-batch'], measure: acceptBatch },
  { benches: ['end-to-end', 'end-to-end-10-pipelines'], measure: endToEnd },
  { benches: ['sources-1000'], measure: manySources },
  { benches: ['latency-p50', 'latency-p99'], measure: latency },
  { benches: ['bad-neighbour-down', 'bad-neighbour-slow', 'bad-neighbour-drips'], measure: badNeighbour },
  { benches: ['overload'], measure: overload },
  { benches: ['slow-clients'], measure: slowClients },
  { benches: ['logins'], measure: logins },
] as const;
const RESULTS = fileURLToPath(new URL('results.json', import.meta.url));
const DATA = fileURLToPath(new URL('../data/', import.meta.url));

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, profile: { type: 'string' } },
});
const known = ROWS.flatMap(({ benches }): readonly string[] => benches);
const unknown = values.only?.filter((name) => !known.includes(name)) ?? [];
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${known.join(', ')}`);
  process.exit(2);
}
const wanted = ROWS.filter(({ benches }) => benches.some((name) => values.only?.includes(name) ?? true));

console.log(
  `Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}`,
);
await mkdir(DATA, { recursive: true });
const results: Result[] = [];
{
  await using directory = await temporaryDirectory(DATA);
  for (const { benches, measure } of wanted) {
    const seconds = Math.round(performance.now() / 1_000);
    console.log(`${String(seconds).padStart(3)} s: ${benches.join(', ')}…`);
    const profiles = values.profile === undefined ? undefined : resolve(values.profile, benches[0]);
    results.push(...(await measure({ directory: directory.path, profiles })));
  }
}
const earlier = values.only === undefined ? '[]' : await readFile(RESULTS, 'utf8').catch(() => '[]');
const lines = replaced(JSON.parse(earlier), results, known);
await writeFile(RESULTS, `${JSON.stringify(lines, undefined, 2)}\n`);
console.log(`\n${tableOf(results)}\n\nMeasured in ${Math.round(performance.now() / 1_000)} s.`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
