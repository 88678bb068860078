import { createServer } from 'node:net';
import { type Bench, startProduct } from '../bench-server.ts';
import { startListening } from '../program.ts';
import { atMost, type Result } from '../result.ts';
import { CALLS_PER_SECOND, type Latencies, measureTimedFlow } from '../timed-flow.ts';

/** How much a bad neighbour may cost the others: a tenth, and what one stall of a thread on a busy machine takes. */
const REACH = { times: 1.1, plusMs: 50 };
const GOAL = { times: 1.1, plusMs: 10 };
const HEALTHY_PIPELINES = 9;
/** With fewer deliveries than this part of what goes in, a queue grows and its wait is all that is measured. */
const KEEPS_UP = 0.98;
const WINDOW_SECONDS = 5;
/** An attempt ends after 15 s: this window sees the first of them end, and what comes then. */
const HANGING_WINDOW_SECONDS = 17;

/** The tenth receiver while it is in use. */
interface Neighbour extends AsyncDisposable {
  readonly port: number;
}

/**
 * The p99 from the door to nine good receivers while a tenth pipeline of the same source cannot deliver: nobody
 * listens there (`down`), or its receiver hangs (`slow`) or answers a byte a second (`drips`). The baseline has a good
 * one in its place. Each has a server of its own, so that nothing of one is left in the next.
 */
export async function badNeighbour(bench: Bench): Promise<readonly Result[]> {
  const healthy = await beside(bench, 'healthy', () => startListening('receiver'), WINDOW_SECONDS);
  const keepsUp = healthy.count >= KEEPS_UP * CALLS_PER_SECOND * HEALTHY_PIPELINES * WINDOW_SECONDS;
  if (!keepsUp) console.log('  SHORT: with ten good receivers it did not keep up, so there is no baseline');
  const results: Result[] = [];
  for (const [kind, start, windowSeconds] of [
    ['down', nobody, WINDOW_SECONDS],
    ['slow', () => startListening('bad-receiver', 'hangs'), HANGING_WINDOW_SECONDS],
    ['drips', () => startListening('bad-receiver', 'drips'), WINDOW_SECONDS],
  ] as const) {
    const { p99Ms } = await beside(bench, kind, start, windowSeconds);
    const figure = { bench: `bad-neighbour-${kind}`, unit: 'ms', value: p99Ms, baseline: healthy.p99Ms };
    const bound = ({ times, plusMs }: typeof REACH) => times * healthy.p99Ms + plusMs;
    const result = atMost(figure, { reach: bound(REACH), goal: bound(GOAL) });
    results.push({ ...result, ok: result.ok && keepsUp });
  }
  return results;
}

async function beside(
  bench: Bench,
  kind: string,
  start: () => Promise<Neighbour>,
  windowSeconds: number,
): Promise<Latencies> {
  await using receiver = await startListening('receiver');
  await using neighbour = await start();
  const good = Array.from(
    { length: HEALTHY_PIPELINES },
    (_, index) => `http://127.0.0.1:${receiver.port}/timed/${index + 1}`,
  );
  await using product = await startProduct(bench, {
    hooks: [...good, `http://127.0.0.1:${neighbour.port}/hook`],
  });
  const [measured] = await measureTimedFlow({
    port: product.port,
    receiver: receiver.port,
    windows: 1,
    windowSeconds,
  });
  if (measured === undefined) throw new Error('One window was asked for');
  const perSecond = Math.round(measured.count / windowSeconds);
  console.log(
    `  ${kind}: ${perSecond} deliveries/s to the ${HEALTHY_PIPELINES} good ones, ` +
      `p50 ${measured.p50Ms.toFixed(1)} ms, p99 ${measured.p99Ms.toFixed(1)} ms`,
  );
  return measured;
}

/** A port on which nobody listens any more: connections are refused. */
async function nobody(): Promise<Neighbour> {
  const server = createServer().listen(0, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<number>();
  server.once('listening', () => {
    const address = server.address();
    server.close(() => resolve(address === null || typeof address === 'string' ? 0 : address.port));
  });
  return { port: await promise, [Symbol.asyncDispose]: async () => undefined };
}
