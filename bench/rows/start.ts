import { type Bench, startProduct } from '../bench-server.ts';
import { median } from '../measure.ts';
import { atMost, type Result } from '../result.ts';

const STARTS = 5;
const TARGET = { reach: 2_000, goal: 1_000 };

/** From spawning the process on an empty data directory until `/health/ready` answers 200. */
export async function start(bench: Bench): Promise<readonly Result[]> {
  const times: number[] = [];
  for (let round = 0; round < STARTS; round += 1) {
    const spawnedAt = performance.now();
    await using _product = await startProduct(bench);
    times.push(performance.now() - spawnedAt);
  }
  return [atMost({ bench: 'start', unit: 'ms', value: median(times) }, TARGET)];
}
