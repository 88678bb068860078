import { runStep } from './run-step.ts';
import { setUpTestParts } from './set-up-test-parts.ts';

setUpTestParts();
const passed = runStep({
  title: 'Tests',
  command: ['node', 'node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)],
});
process.exit(passed ? 0 : 1);
