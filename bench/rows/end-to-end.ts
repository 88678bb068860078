// How many events a second go all the way: through the door, the log and a lane to one HTTP receiver, which counts.
//
// The door takes events faster than a lane can hand them on. So the load generator watches the receiver and keeps
// BACKLOG events on their way, no more: each event that arrives lets one more in. Accepting goes on at the very rate
// of delivering, its cost is in the figure, and no growing backlog bends it. The window is measured at the receiver.
import { setTimeout as pause } from 'node:timers/promises';
import { WRITE_KEY } from '../../test/support/workspace-file.ts';
import { type Bench, startProduct } from '../bench-server.ts';
import { arrivalsPerSecond, load, quiet, ROUND_SECONDS, takeTurns, WARM_UP_SECONDS } from '../measure.ts';
import { startListening, startProgram } from '../program.ts';
import { comparedWith, type Result } from '../result.ts';

const TARGET = { reach: 0.35, goal: 0.55 };
const BATCH = 100;
/** Half a second's worth at 20,000 events/s: the lane never runs dry, and the backlog stays in the page cache. */
const BACKLOG = 10_000;
/** The load must outlast the window that is measured, by however long its process takes to start. */
const SPARE_SECONDS = 1;

/** Events delivered a second to one receiver, beside a loop that posts ready bodies to it. */
export async function endToEnd(bench: Bench): Promise<readonly Result[]> {
  await using receiver = await startListening('receiver');
  await using product = await startProduct(bench, [`http://127.0.0.1:${receiver.port}/hook`]);
  const ceiling = await load({ port: receiver.port, path: '/hook', seconds: ROUND_SECONDS });
  console.log(`end-to-end: the receiver's ceiling is ${Math.round(ceiling.requestsPerSecond)} requests/s`);

  const baseline = async () => {
    await using _poster = startProgram('bare-poster', String(receiver.port));
    await pause(2 * WARM_UP_SECONDS * 1_000);
    return await arrivalsPerSecond(receiver.port);
  };
  const delivered = async () => {
    await quiet(receiver.port);
    const seconds = WARM_UP_SECONDS + ROUND_SECONDS + SPARE_SECONDS;
    const where = { port: product.port, path: '/v1/batch', batch: BATCH, 'write-key': WRITE_KEY };
    const loading = load({ ...where, seconds, receiver: receiver.port, backlog: BACKLOG });
    // The load generator's own warm-up comes first.
    await pause(2 * WARM_UP_SECONDS * 1_000);
    const arrivals = await arrivalsPerSecond(receiver.port);
    await loading;
    await quiet(receiver.port);
    return arrivals;
  };
  const figures = await takeTurns({ baseline, product: delivered });
  return [comparedWith({ bench: 'end-to-end', unit: 'events/s', ...figures }, TARGET)];
}
