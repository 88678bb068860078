import { WRITE_KEY } from '../../test/support/workspace-file.ts';
import { type Bench, startProduct } from '../bench-server.ts';
import { ceilingOf, load, ROUND_SECONDS, takeTurns, WARM_UP_SECONDS } from '../measure.ts';
import { startListening } from '../program.ts';
import { comparedWith, type Result } from '../result.ts';

/** What the accept rows differ in. */
interface Shape {
  readonly bench: string;
  readonly path: string;
  /** Events in a batch; 0 for single calls. */
  readonly batch: number;
  readonly reach: number;
  readonly goal: number;
}

/** Durable single calls a second, beside a server that only parses them. */
export function acceptSingle(bench: Bench): Promise<readonly Result[]> {
  return accept(bench, { bench: 'accept-single', path: '/v1/track', batch: 0, reach: 0.6, goal: 0.8 });
}

/** Durable events a second in batches of 100, beside a server that only parses them. */
export function acceptBatch(bench: Bench): Promise<readonly Result[]> {
  return accept(bench, { bench: 'accept-batch', path: '/v1/batch', batch: 100, reach: 0.5, goal: 0.75 });
}

async function accept(bench: Bench, shape: Shape): Promise<readonly Result[]> {
  await using bare = await startListening('bare-server');
  await using canned = await startListening('receiver');
  await using product = await startProduct(bench);
  const { path, batch } = shape;
  const eventsPerSecond = async (port: number) => {
    const times = { seconds: ROUND_SECONDS, 'warm-up': WARM_UP_SECONDS };
    return (await load({ port, path, batch, 'write-key': WRITE_KEY, ...times })).eventsPerSecond;
  };
  const ceiling = await ceilingOf(canned.port, { path, batch });
  console.log(
    `${shape.bench}: the load generator's ceiling is ${Math.round(ceiling.eventsPerSecond)} events/s`,
  );
  const figures = await takeTurns({
    baseline: () => eventsPerSecond(bare.port),
    product: () => eventsPerSecond(product.port),
  });
  return [comparedWith({ bench: shape.bench, unit: 'events/s', ...figures }, shape)];
}
