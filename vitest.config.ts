import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './scripts/closing-line-reporter.ts';

/** The file that Node takes, also for the packages that use graphql: two copies of it do not work together. */
const ONE_GRAPHQL = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] };

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLineReporter()],
    projects: [
      {
        resolve: ONE_GRAPHQL,
        test: {
          name: 'parts',
          include: ['packages/**/*.test.ts', 'bench/**/*.test.ts'],
          // The PostgreSQL that the tests of the control store share: it starts when one of them asks for it.
          globalSetup: 'packages/server/src/store/postgres-setup.fixture.ts',
          testTimeout: 30_000,
          // Left to itself it uses one core less than there are: on two, that is half.
          maxWorkers: '100%',
        },
      },
      {
        resolve: ONE_GRAPHQL,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          // Each starts real processes: side by side they would only measure each other.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
