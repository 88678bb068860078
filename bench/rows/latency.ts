import { type Bench, startProduct } from '../bench-server.ts';
import { median } from '../percentile.ts';
import { type Buckets, countBetween, deliveryBuckets, percentileBetween } from '../product-latency.ts';
import { startListening } from '../program.ts';
import { atMost, type Result } from '../result.ts';
import { measureTimedFlow } from '../timed-flow.ts';

const P50_TARGET = { reach: 10, goal: 5 };
const P99_TARGET = { reach: 50, goal: 20 };
const WINDOWS = 3;
const WINDOW_SECONDS = 3;

/**
 * How long single calls take from the door to one receiver, measured from outside: the median of three windows. What
 * the product says of the same windows is printed beside it.
 */
export async function latency(bench: Bench): Promise<readonly Result[]> {
  await using receiver = await startListening('receiver');
  await using product = await startProduct(bench, { hooks: [`http://127.0.0.1:${receiver.port}/timed`] });
  const looks: Buckets[] = [];
  const measured = await measureTimedFlow({
    port: product.port,
    receiver: receiver.port,
    windows: WINDOWS,
    windowSeconds: WINDOW_SECONDS,
    atEdge: async () => void looks.push(await deliveryBuckets(product.url)),
  });
  for (const [window, { count, p50Ms, p99Ms }] of measured.entries()) {
    const [before = [], after = []] = looks.slice(window, window + 2);
    const said = (share: number) => {
      const { overMs, upToMs } = percentileBetween(before, after, share);
      return `in ${overMs} to ${upToMs} ms`;
    };
    console.log(
      `  of ${count} arrivals p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms; ` +
        `the product says of ${countBetween(before, after)} p50 ${said(0.5)}, p99 ${said(0.99)}`,
    );
  }
  const p50 = median(measured.map(({ p50Ms }) => p50Ms));
  const p99 = median(measured.map(({ p99Ms }) => p99Ms));
  return [
    atMost({ bench: 'latency-p50', unit: 'ms', value: p50 }, P50_TARGET),
    atMost({ bench: 'latency-p99', unit: 'ms', value: p99 }, P99_TARGET),
  ];
}
