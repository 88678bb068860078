import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';

/** `npm run prove` remembers 10 million. */
const KEYS = Number(process.env.METAROUTER_PROVE_KEYS ?? 1_000_000);

/** What the table, the filters of the first 16 million keys and the garbage of making a million texts take. */
const FIXED_MB = 120;
/** Beyond those: 2 bytes of filter, and the index of the files. */
const BYTES_PER_KEY = 3;

const measured = z.object({
  growthMb: z.number(),
  microsecondsPerKey: z.number(),
  microsecondsPerKeyAtEnd: z.number(),
  microsecondsToCommitAKey: z.number(),
  longestCommitMs: z.number(),
  startMs: z.number(),
  mistaken: z.number(),
});

test(`${KEYS} message ids are remembered on disk: memory has a bound, and none is mistaken`, {
  timeout: 30_000 + KEYS / 50,
}, async () => {
  const script = fileURLToPath(new URL('./prove-keys.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, `${KEYS}`]);
  const found = measured.parse(JSON.parse(stdout));
  const figures = Object.entries(found).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  process.stdout.write(`message ids ${KEYS}: ${figures.join(', ')}\n`);
  expect(found.mistaken).toBe(0);
  expect(found.growthMb).toBeLessThan(FIXED_MB + (KEYS * BYTES_PER_KEY) / 1_000_000);
});
