import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { type Bench, startProduct, startProductOn } from '../bench-server.ts';
import { fillLog } from '../fill-log.ts';
import { median } from '../percentile.ts';
import { atMost, type Result } from '../result.ts';

const STARTS = 5;
const STARTS_FILLED = 3;
const EMPTY_TARGET = { reach: 2_000, goal: 1_000 };
const FILLED_TARGET = { reach: 3_000, goal: 1_000 };
const LOG_BYTES = 1e9;

/** From spawning the process on an empty data directory until `/health/ready` answers 200. */
export async function start(bench: Bench): Promise<readonly Result[]> {
  const value = await medianMs(STARTS, () => startProduct(bench));
  return [atMost({ bench: 'start', unit: 'ms', value }, EMPTY_TARGET)];
}

/**
 * The same with a log of 1 GB, which was just written and so is in the page cache. Each start but the first comes
 * after a kill.
 */
export async function startFilled(bench: Bench): Promise<readonly Result[]> {
  await using own = await temporaryDirectory(bench.directory);
  const filledAt = performance.now();
  const events = await fillLog(`${own.path}/data`, LOG_BYTES);
  const seconds = (performance.now() - filledAt) / 1_000;
  console.log(
    `start-1gb: ${events} events in the log, written in ${seconds.toFixed(1)} s; the page cache is warm`,
  );
  const routing = { hooks: ['http://127.0.0.1:9/hook'] };
  const value = await medianMs(STARTS_FILLED, () => startProductOn(bench, own.path, routing));
  return [atMost({ bench: 'start-1gb', unit: 'ms', value }, FILLED_TARGET)];
}

async function medianMs(starts: number, startOne: () => Promise<AsyncDisposable>): Promise<number> {
  const times: number[] = [];
  while (times.length < starts) {
    const spawnedAt = performance.now();
    await using _product = await startOne();
    times.push(performance.now() - spawnedAt);
  }
  return median(times);
}
