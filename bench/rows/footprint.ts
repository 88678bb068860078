import { setTimeout as pause } from 'node:timers/promises';
import { residentBytes } from '../../test/support/resident-memory.ts';
import { WRITE_KEY } from '../../test/support/workspace-file.ts';
import { type Bench, startProduct } from '../bench-server.ts';
import { cpuSeconds } from '../cpu-time.ts';
import { load } from '../measure.ts';
import { startListening } from '../program.ts';
import { atMost, type Result } from '../result.ts';

const IDLE_CPU_TARGET = { reach: 1, goal: 0.2 };
const IDLE_TARGET = { reach: 200, goal: 150 };
const FLOWING_TARGET = { reach: 400, goal: 250 };
const MB = 1_024 * 1_024;
const EVENTS_PER_SECOND = 5_000;
const FLOW_SECONDS = 10;
/** What the start itself left behind has been collected, or never will be. */
const SETTLE_SECONDS = 3;
/** Processor time is told to the hundredth of a second: over this time, that is a tenth of a percent. */
const IDLE_SECONDS = 10;
const SAMPLE_EVERY_MS = 250;

/**
 * What the process takes: of one processor and of memory when idle after its start, and the most memory while events
 * flow to one receiver.
 */
export async function footprint(bench: Bench): Promise<readonly Result[]> {
  await using receiver = await startListening('receiver');
  await using product = await startProduct(bench, { hooks: [`http://127.0.0.1:${receiver.port}/hook`] });
  await pause(SETTLE_SECONDS * 1_000);
  const [secondsBefore, idleFrom] = [await cpuSeconds(product.pid), performance.now()];
  await pause(IDLE_SECONDS * 1_000);
  const idleSeconds = (performance.now() - idleFrom) / 1_000;
  const idleCpu = (((await cpuSeconds(product.pid)) - secondsBefore) / idleSeconds) * 100;
  const idle = (await residentBytes(product.pid)) / MB;

  let flowing = true;
  const where = { port: product.port, path: '/v1/batch', batch: 100, 'write-key': WRITE_KEY };
  const loading = load({ ...where, rate: EVENTS_PER_SECOND, seconds: FLOW_SECONDS }).finally(() => {
    flowing = false;
  });
  let most = 0;
  while (flowing) {
    most = Math.max(most, (await residentBytes(product.pid)) / MB);
    await pause(SAMPLE_EVERY_MS);
  }
  await loading;
  return [
    atMost({ bench: 'idle-cpu', unit: '% of one processor', value: idleCpu }, IDLE_CPU_TARGET),
    atMost({ bench: 'memory-idle', unit: 'MB', value: idle }, IDLE_TARGET),
    atMost({ bench: 'memory-flowing', unit: 'MB', value: most }, FLOWING_TARGET),
  ];
}
