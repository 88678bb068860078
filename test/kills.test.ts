import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seededRandom } from '../packages/server/src/platform/seeded-random.ts';
import { eventOf, startAcknowledgedLoad } from './support/acknowledged-load.ts';
import { eventually } from './support/eventually.ts';
import { type RecordingReceiver, startRecordingReceiver } from './support/recording-receiver.ts';
import { messageIdsInLog } from './support/segment-log.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { writeWorkspace } from './support/workspace-file.ts';

/** `npm run prove` kills 100 times, which bounds the chance of a loss by a kill at 3 % (with 95 % confidence). */
const KILLS = Number(process.env.METAROUTER_PROVE_KILLS ?? 6);
/** The moment of each kill follows from this alone; it is printed, and may be set to look at a run again. */
const SEED = Number(process.env.METAROUTER_PROVE_SEED ?? Date.now() % 2 ** 32);
/** A kill comes at any moment from ready to this much later. */
const LIFE_MS_MAX = 3_000;
const DRAIN_TIMEOUT_MS = 60_000;
/** A life, a start and what a busy machine adds. */
const TIMEOUT_MS = KILLS * 10_000 + DRAIN_TIMEOUT_MS + 60_000;

test(`${KILLS} kills under load lose, alter and reorder nothing that was acknowledged`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const random = seededRandom(SEED);
  await using directory = await temporaryDirectory();
  const data = `${directory.path}/data`;
  await using receiver = await startRecordingReceiver();
  const workspace = await writeWorkspace(directory.path, { hooks: [receiver.url] });

  let server = await startServer({ workspace, data });
  const load = startAcknowledgedLoad(() => server.url);
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      await pause(random() * LIFE_MS_MAX);
      await server.kill();
      server = await startServer({ workspace, data });
    }
    await load.stop();
    const missing = () => [...load.acknowledged.difference(receiver.delivered)];
    await eventually(
      () => `delivered: ${missing().length} acknowledged events (seed ${SEED}), ${missing().slice(0, 3)}…`,
      () => missing().length === 0,
      DRAIN_TIMEOUT_MS,
    );
    expect((await server.stop()).code).toBe(0);
  } finally {
    await load.stop();
    await server[Symbol.asyncDispose]();
  }

  const stored = await messageIdsInLog(data);
  const times = Map.groupBy(stored, (messageId) => messageId);
  const notOnce = [...load.acknowledged].filter((messageId) => times.get(messageId)?.length !== 1);
  const altered = receiver.deliveries.filter(({ messageId, event }) => !isAsSent(messageId, event));
  const inversions = countInversions(stored, receiver);
  const repeats = receiver.deliveries.length - receiver.delivered.size;
  process.stdout.write(
    `kills ${KILLS} (seed ${SEED}): ${load.acknowledged.size} events acknowledged, 0 missing at the receiver, ` +
      `${notOnce.length} not exactly once in the log; ${load.unanswered()} requests unanswered, ` +
      `${altered.length} altered, ${inversions} out of a user's order, ${repeats} deliveries repeated\n`,
  );
  expect(load.acknowledged.size).toBeGreaterThan(0);
  expect(notOnce).toEqual([]);
  expect(altered).toEqual([]);
  expect(inversions).toBe(0);
});

function isAsSent(messageId: string, event: Readonly<Record<string, unknown>>): boolean {
  const sent = eventOf(messageId);
  const same = sent.userId === event.userId && sent.event === event.event;
  return same && JSON.stringify(sent.properties) === JSON.stringify(event.properties);
}

/** How often an event arrived for the first time after a later one of the same user. */
function countInversions(stored: readonly string[], receiver: RecordingReceiver): number {
  const placeOf = new Map(stored.map((messageId, place) => [messageId, place]));
  const lastPlace = new Map<unknown, number>();
  let inversions = 0;
  for (const { messageId, attempt, event } of receiver.deliveries) {
    if (attempt > 1) continue;
    const place = placeOf.get(messageId) ?? -1;
    if (place < (lastPlace.get(event.userId) ?? -1)) inversions += 1;
    lastPlace.set(event.userId, place);
  }
  return inversions;
}
