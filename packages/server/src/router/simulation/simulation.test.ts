import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { simulate } from './simulation.ts';

/** `npm run prove` lives through 1,000. */
const SEEDS = Number(process.env.METAROUTER_PROVE_SEEDS ?? 100);
/** Lives through this one alone, to look at what a proof found. */
const ONLY = process.env.METAROUTER_PROVE_SEED;
/** Of those that are lived through twice. */
const SEEDS_REPEATED = 5;
/** So many faults of a seed are shown: the first ones tell most. */
const FAULTS_SHOWN = 5;

/** In memory where that is possible: what outlives a kill is decided by the simulation, not by this disk. */
const directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'simulation-'));
const stateFile = join(directory, 'delivery.sqlite');
afterAll(() => rmSync(directory, { recursive: true }));

const seeds = ONLY === undefined ? Array.from({ length: SEEDS }, (_, place) => place + 1) : [Number(ONLY)];

test(`in ${seeds.length} simulated worlds no event is lost, out of order or uncounted, whatever fails`, {
  timeout: 60_000 + seeds.length * 1_000,
}, async () => {
  const totals = { events: 0, arrivals: 0, kills: 0, duplicates: 0, virtualMs: 0 };
  for (const seed of seeds) {
    const { faults, events, arrivals, kills, duplicates, virtualMs } = await simulate(seed, stateFile);
    expect({ seed, faults: faults.slice(0, FAULTS_SHOWN) }).toEqual({ seed, faults: [] });
    totals.events += events;
    totals.arrivals += arrivals;
    totals.kills += kills;
    totals.duplicates += duplicates;
    totals.virtualMs += virtualMs;
  }
  const days = Math.round(totals.virtualMs / 86_400_000);
  process.stdout.write(
    `simulation: ${seeds.length} worlds, ${days} days, ${totals.events} events, ${totals.arrivals} requests, ` +
      `${totals.kills} kills, ${totals.duplicates} delivered more than once\n`,
  );
  // The proof proves nothing unless much happened.
  expect(totals.events).toBeGreaterThan(seeds.length * 20);
  expect(totals.arrivals).toBeGreaterThan(seeds.length * 20);
});

test('one seed gives the same world each time', async () => {
  for (let seed = 1; seed <= SEEDS_REPEATED; seed += 1) {
    const { trace } = await simulate(seed, stateFile);
    expect((await simulate(seed, stateFile)).trace).toBe(trace);
  }
});
