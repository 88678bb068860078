import { type Bench, startProduct } from '../bench-server.ts';
import { arrivalsPerSecond, ceilingOf, deliveriesPerSecond, inRounds, takeTurns } from '../measure.ts';
import { median } from '../percentile.ts';
import { startListening, startProgram } from '../program.ts';
import { comparedWith, type Result } from '../result.ts';
import { writeKeysFor } from '../routing.ts';

const ONE_PIPELINE_TARGET = { reach: 0.35, goal: 0.55 };
const TEN_PIPELINES_TARGET = { reach: 0.9, goal: 1.2 };
const MANY_SOURCES_TARGET = { reach: 0.9, goal: 0.98 };
const PIPELINES = 10;
const SOURCES = 1_000;
const PIPELINES_EACH = 2;

/**
 * Deliveries a second of one source: through one pipeline, beside a loop that posts ready bodies to the same
 * receiver; and through ten pipelines, beside that one.
 */
export async function endToEnd(bench: Bench): Promise<readonly Result[]> {
  await using receiver = await startListening('receiver');
  await using one = await startProduct(bench, { hooks: hooksOf(receiver, 1) });
  await using ten = await startProduct(bench, { hooks: hooksOf(receiver, PIPELINES) });
  await printCeiling('end-to-end', receiver);
  const bare = async () => {
    await using _poster = startProgram('bare-poster', String(receiver.port));
    return await arrivalsPerSecond(receiver.port);
  };
  const through = ({ port }: typeof one, pipelines: number) =>
    deliveriesPerSecond({ port, receiver: receiver.port, pipelines });
  const rounds = await inRounds(async () => ({
    bare: await bare(),
    one: await through(one, 1),
    ten: await through(ten, PIPELINES),
  }));
  const onePipeline = median(rounds.map((round) => round.one));
  return [
    comparedWith(
      {
        bench: 'end-to-end',
        unit: 'events/s',
        baseline: median(rounds.map((round) => round.bare)),
        product: onePipeline,
      },
      ONE_PIPELINE_TARGET,
    ),
    comparedWith(
      {
        bench: 'end-to-end-10-pipelines',
        unit: 'deliveries/s',
        baseline: onePipeline,
        product: median(rounds.map((round) => round.ten)),
      },
      TEN_PIPELINES_TARGET,
    ),
  ];
}

/** Deliveries a second of 1,000 sources with two pipelines each, beside one source with two pipelines. */
export async function manySources(bench: Bench): Promise<readonly Result[]> {
  const writeKeys = writeKeysFor(SOURCES);
  await using receiver = await startListening('receiver');
  const hooks = hooksOf(receiver, PIPELINES_EACH);
  await using one = await startProduct(bench, { hooks });
  await using many = await startProduct(bench, { hooks, writeKeys });
  await printCeiling('sources-1000', receiver);
  const flow = { receiver: receiver.port, pipelines: PIPELINES_EACH };
  const figures = await takeTurns({
    baseline: () => deliveriesPerSecond({ ...flow, port: one.port }),
    product: () => deliveriesPerSecond({ ...flow, port: many.port, writeKeys }),
  });
  return [comparedWith({ bench: 'sources-1000', unit: 'deliveries/s', ...figures }, MANY_SOURCES_TARGET)];
}

/** So many URLs of one receiver. */
function hooksOf({ port }: { readonly port: number }, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `http://127.0.0.1:${port}/hook/${index + 1}`);
}

async function printCeiling(bench: string, { port }: { readonly port: number }): Promise<void> {
  const { requestsPerSecond } = await ceilingOf(port, { path: '/hook' });
  const ceiling = Math.round(requestsPerSecond);
  console.log(`${bench}: one receiver process for all pipelines; its ceiling is ${ceiling} requests/s`);
}
