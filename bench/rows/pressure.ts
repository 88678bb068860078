import { WRITE_KEY } from '../../test/support/workspace-file.ts';
import { type Bench, startProduct } from '../bench-server.ts';
import { load, ROUND_SECONDS, takeTurns, WARM_UP_SECONDS } from '../measure.ts';
import { startProgram } from '../program.ts';
import { atMost, comparedWith, type Result } from '../result.ts';

const OVERLOAD_TARGET = { reach: 0.8, goal: 0.95 };
const SLOW_CLIENTS_TARGET = { reach: 2, goal: 1.2 };
/** What the other benchmarks use, which keeps the server busy all the time; and ten times as many. */
const [CONNECTIONS, TOO_MANY_CONNECTIONS] = [64, 640];
const DRIPPING_CLIENTS = 500;
/** A good client's calls, far below what the server can take, so that their time is not that of a queue. */
const GOOD_CALLS_PER_SECOND = 1_000;

/** Durable single calls a second from ten times as many clients as keep the server busy, beside those. */
export async function overload(bench: Bench): Promise<readonly Result[]> {
  await using product = await startProduct(bench);
  const from = async (connections: number) => {
    const times = { seconds: ROUND_SECONDS, 'warm-up': WARM_UP_SECONDS };
    const where = { port: product.port, path: '/v1/track', 'write-key': WRITE_KEY };
    return (await load({ ...where, connections, ...times })).eventsPerSecond;
  };
  const figures = await takeTurns({
    baseline: () => from(CONNECTIONS),
    product: () => from(TOO_MANY_CONNECTIONS),
  });
  return [comparedWith({ bench: 'overload', unit: 'events/s', ...figures }, OVERLOAD_TARGET)];
}

/** How many times as long a good client's slowest calls take while others send a byte each 200 ms. */
export async function slowClients(bench: Bench): Promise<readonly Result[]> {
  await using product = await startProduct(bench);
  const p99 = async () => {
    const times = { seconds: ROUND_SECONDS, 'warm-up': WARM_UP_SECONDS };
    const where = { port: product.port, path: '/v1/track', 'write-key': WRITE_KEY };
    return (await load({ ...where, connections: 16, rate: GOOD_CALLS_PER_SECOND, ...times })).p99Ms;
  };
  const figures = await takeTurns({
    baseline: p99,
    async product() {
      await using bad = startProgram('dripping-clients', String(product.port), String(DRIPPING_CLIENTS));
      await bad.line(/^dripping$/m);
      return await p99();
    },
  });
  console.log(
    `slow-clients: a p99 of ${figures.product.toFixed(2)} ms, without them ${figures.baseline.toFixed(2)} ms`,
  );
  const value = figures.product / figures.baseline;
  return [atMost({ bench: 'slow-clients', unit: '× p99', value }, SLOW_CLIENTS_TARGET)];
}
