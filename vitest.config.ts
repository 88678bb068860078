import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './scripts/closing-line-reporter.ts';

/** The file that Node takes, also for the packages that use graphql: two copies of it do not work together. */
const ONE_GRAPHQL = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] };

/** The PostgreSQL that tests of the control store share: it starts when one of them asks for it. */
const POSTGRES = 'packages/server/src/store/postgres-setup.fixture.ts';

/** Tests that start real processes. */
const WHOLE = {
  include: ['test/**/*.test.ts'],
  globalSetup: POSTGRES,
  testTimeout: 120_000,
  hookTimeout: 60_000,
};

/** Those of them that load the machine, or say how long something takes: side by side they would only measure each other. */
const LOADED = [
  'account-pages',
  'database-outage',
  'failing-disk',
  'first-event',
  'hostile/malformed',
  'hostile/slow-clients',
  'kills',
  'order',
  'outage',
  'reload',
  'replay-rate',
  'rolling-restarts',
  'shutdown',
  'sync-order',
].map((name) => `test/${name}.test.ts`);

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLineReporter()],
    projects: [
      {
        resolve: ONE_GRAPHQL,
        test: {
          name: 'parts',
          include: ['packages/**/*.test.ts', 'bench/**/*.test.ts'],
          globalSetup: POSTGRES,
          testTimeout: 30_000,
          // Left to itself it uses one core less than there are: on two, that is half.
          maxWorkers: '100%',
          // Starting a worker and importing all again for each file took as long as the tests of many.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve: ONE_GRAPHQL,
        test: {
          ...WHOLE,
          name: 'whole',
          exclude: LOADED,
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve: ONE_GRAPHQL,
        test: {
          ...WHOLE,
          name: 'loaded',
          include: LOADED,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
