import { proveMutations } from './prove-mutations.ts';
import { runStep } from './run-step.ts';
import { setUpTestParts } from './set-up-test-parts.ts';

/** The tests that are proofs: `npm test` runs them small, this at their full size. They print what they found. */
const PROOFS = [
  'packages/server/src/log/segments/crash-points.test.ts',
  'packages/server/src/log/segments/damage.test.ts',
  'packages/server/src/log/segments/failing-disk.test.ts',
  'packages/server/src/router/repeats/prove-keys.test.ts',
  'packages/server/src/control/isolation/isolation.test.ts',
  'packages/server/src/router/simulation/simulation.test.ts',
  'test/hostile/malformed.test.ts',
  'test/failing-disk.test.ts',
  'test/sync-order.test.ts',
  'test/kills.test.ts',
  'test/order.test.ts',
  'test/repeats.test.ts',
  'test/rolling-restarts.test.ts',
  'test/outage.test.ts',
  'test/redelivery.test.ts',
];

const FULL_SIZE = {
  METAROUTER_PROVE_MALFORMED: '10000',
  METAROUTER_PROVE_CRASHES: '10000',
  METAROUTER_PROVE_FLIPS: '1000',
  METAROUTER_PROVE_KEYS: '10000000',
  METAROUTER_PROVE_MATRIX: 'whole',
  METAROUTER_PROVE_SEEDS: '1000',
  METAROUTER_PROVE_SYNCS: '1000',
  METAROUTER_PROVE_KILLS: '100',
  METAROUTER_PROVE_ORDER_USERS: '1000',
  METAROUTER_PROVE_ORDER_RESTARTS: '10',
  METAROUTER_PROVE_ORDER_FAILURES: 'Infinity',
  METAROUTER_PROVE_REPEATS: '100000',
  METAROUTER_PROVE_REPEATS_KILLS: '20',
  METAROUTER_PROVE_ROLLING: '50',
  METAROUTER_PROVE_OUTAGE_SECONDS: '60',
  METAROUTER_PROVE_OUTAGE_RATE: '1000',
  METAROUTER_PROVE_OUTAGE_NOISE_MS: '50',
  METAROUTER_PROVE_DEAD_LETTERS: '10000',
  // A proof whose real part is missing must not pass by being skipped.
  CI: 'true',
};

setUpTestParts();
const started = performance.now();
const proofs = runStep({
  title: 'Proofs at full size (about half an hour)',
  command: ['node', 'node_modules/vitest/vitest.mjs', 'run', '--reporter=verbose', ...PROOFS],
  environment: FULL_SIZE,
});
const onPostgres = runStep({
  title: 'All tests, with every control store in PostgreSQL',
  command: ['node', 'node_modules/vitest/vitest.mjs', 'run'],
  environment: { METAROUTER_TEST_DATABASE: 'postgresql', CI: 'true' },
});
process.stdout.write('\n▸ Mutations: the proofs on code that is broken on purpose\n');
const mutations = proveMutations();
const isProven = proofs && onPostgres && mutations;
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
process.stdout.write(`\n${isProven ? 'Proven' : 'NOT PROVEN'} in ${minutes} min\n`);
process.exit(isProven ? 0 : 1);
