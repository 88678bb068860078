import { setTimeout as pause } from 'node:timers/promises';
import { residentBytes } from '../../test/support/resident-memory.ts';
import { WRITE_KEY } from '../../test/support/workspace-file.ts';
import { type Bench, startProduct } from '../bench-server.ts';
import { load } from '../measure.ts';
import { startListening } from '../program.ts';
import { atMost, type Result } from '../result.ts';

const IDLE_TARGET = { reach: 200, goal: 150 };
const FLOWING_TARGET = { reach: 400, goal: 250 };
const MB = 1_024 * 1_024;
const EVENTS_PER_SECOND = 5_000;
const FLOW_SECONDS = 10;
/** What the start itself left behind has been collected, or never will be. */
const SETTLE_SECONDS = 3;
const SAMPLE_EVERY_MS = 250;

/** Resident memory of the process: idle after its start, and the most of it while events flow to one receiver. */
export async function memory(bench: Bench): Promise<readonly Result[]> {
  await using receiver = await startListening('receiver');
  await using product = await startProduct(bench, [`http://127.0.0.1:${receiver.port}/hook`]);
  await pause(SETTLE_SECONDS * 1_000);
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
    atMost({ bench: 'memory-idle', unit: 'MB', value: idle }, IDLE_TARGET),
    atMost({ bench: 'memory-flowing', unit: 'MB', value: most }, FLOWING_TARGET),
  ];
}
