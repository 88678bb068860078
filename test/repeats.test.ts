import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seededRandom } from '../packages/server/src/platform/seeded-random.ts';
import { eventually } from './support/eventually.ts';
import { watchLedgers } from './support/ledger-watch.ts';
import { counterOf, ledgerOf } from './support/metrics.ts';
import { startPatientClient } from './support/patient-client.ts';
import { startRecordingReceiver } from './support/recording-receiver.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { writeWorkspace } from './support/workspace-file.ts';

/** `npm run prove` sends 100,000 events and kills 20 times. */
const EVENTS = Number(process.env.METAROUTER_PROVE_REPEATS ?? 5_000);
const KILLS = Number(process.env.METAROUTER_PROVE_REPEATS_KILLS ?? 2);
/** What is sent again, how and when follows from this alone; it is printed, and may be set to look at a run again. */
const SEED = Number(process.env.METAROUTER_PROVE_SEED ?? Date.now() % 2 ** 32);
const RESENT_SHARE = 0.1;
/** Of what is sent again: with the same messageId but other content, as a client with a fault would do. */
const ALTERED_SHARE = 0.05;
/** Each of these clients has two connections. All together send 2,500 events a second. */
const CLIENTS = 8;
const BATCH_SIZE = 10;
const BETWEEN_BATCHES_MS = 32;
const LOAD_MS = (EVENTS / CLIENTS / BATCH_SIZE) * BETWEEN_BATCHES_MS;
/** So many events of a lane may be sent and not be noted as delivered yet. */
const UNNOTED_MAX = 10_000;
const DRAIN_TIMEOUT_MS = 60_000;
const TIMEOUT_MS = 2 * LOAD_MS + KILLS * 10_000 + DRAIN_TIMEOUT_MS + 60_000;

/** How an event is sent a second time. Only where it is at the same time may either of the two be the first. */
const WAYS = ['in the same request', 'at the same time', 'after the answer', 'at the end'] as const;

/** What a client does with one event. */
interface Errand {
  readonly messageId: string;
  readonly userId: string;
  readonly again: (typeof WAYS)[number] | undefined;
  readonly altered: boolean;
}

test('an event that is sent again is delivered once, as it was sent first, and counted as a repeat', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { deliveries, errands, wrong, ledger, duplicates } = await sendWithRepeats(0);
  const resent = errands.filter(({ again }) => again !== undefined).length;
  const bodies = new Map(deliveries.map(({ messageId, event }) => [messageId, event.event]));
  const laterWon = errands.filter(
    ({ messageId, again }) => again !== 'at the same time' && bodies.get(messageId) !== FIRST,
  );
  process.stdout.write(
    `repeats (seed ${SEED}): ${errands.length} events, ${resent} sent again, ${duplicates} of them counted; ` +
      `${deliveries.length - bodies.size} delivered twice, ${laterWon.length} not as sent first\n`,
  );
  expect(deliveries.length - bodies.size).toBe(0);
  expect(laterWon.slice(0, 3)).toEqual([]);
  expect(duplicates).toBe(resent);
  expect(ledger).toEqual({ accepted: EVENTS, delivered: EVENTS, filtered: 0, dead: 0, pending: 0 });
  expect(wrong.slice(0, 3)).toEqual([]);
});

test('through kills, whatever is delivered twice is the same event with the same idempotency key', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { deliveries, errands, wrong, ledger } = await sendWithRepeats(KILLS);
  const byMessageId = Map.groupBy(deliveries, ({ messageId }) => messageId);
  const byKey = new Set(deliveries.map(({ idempotencyKey }) => idempotencyKey));
  const several = errands.filter(({ messageId }) => {
    const own = byMessageId.get(messageId) ?? [];
    return new Set(own.map(({ idempotencyKey, event }) => `${idempotencyKey} ${event.event}`)).size !== 1;
  });
  const repeats = deliveries.length - byMessageId.size;
  process.stdout.write(
    `repeats, ${KILLS} kills (seed ${SEED}): ${errands.length} events, ${repeats} delivered twice, ` +
      `${byKey.size - EVENTS} after removing the same idempotency keys, ${several.length} with several keys or contents\n`,
  );
  expect(byKey.size).toBe(EVENTS);
  expect(several.slice(0, 3)).toEqual([]);
  expect(repeats).toBeLessThanOrEqual(KILLS * UNNOTED_MAX);
  expect(ledger).toEqual({ accepted: EVENTS, delivered: EVENTS, filtered: 0, dead: 0, pending: 0 });
  expect(wrong.slice(0, 3)).toEqual([]);
});

/** Sends all events and all repeats, with so many kills meanwhile; resolves when every event has been delivered. */
async function sendWithRepeats(kills: number) {
  await using directory = await temporaryDirectory();
  await using opened = new AsyncDisposableStack();
  const receiver = opened.use(await startRecordingReceiver());
  const data = `${directory.path}/data`;
  const workspace = await writeWorkspace(directory.path, { hooks: [receiver.url] });
  let server = await startServer({ workspace, data });
  opened.defer(() => server[Symbol.asyncDispose]());
  const url = () => server.url;
  const ledgers = opened.use(watchLedgers(url));
  const errands = Array.from({ length: CLIENTS }, (_, client) => errandsOf(client));
  const load = Promise.all(errands.map((own) => run(own, url)));
  load.catch(() => undefined);
  const random = seededRandom(SEED);
  for (let kill = 0; kill < kills; kill += 1) {
    await pause((LOAD_MS / (kills + 1)) * (0.5 + random()));
    await server.kill();
    server = await startServer({ workspace, data });
  }
  await load;
  const isDone = async () => receiver.delivered.size === EVENTS && (await ledgerOf(url())).pending === 0;
  const missing = () => EVENTS - receiver.delivered.size;
  await eventually(() => `delivered: ${missing()} events (seed ${SEED})`, isDone, DRAIN_TIMEOUT_MS);
  const ledger = await ledgerOf(url());
  const duplicates = await counterOf(url(), 'metarouter_events_duplicate_total');
  await ledgers.stop();
  expect((await server.stop()).code, server.output()).toBe(0);
  return {
    deliveries: receiver.deliveries,
    errands: errands.flat(),
    wrong: ledgers.wrong,
    ledger,
    duplicates,
  };
}

function errandsOf(client: number): readonly Errand[] {
  const random = seededRandom(SEED + client);
  return Array.from({ length: EVENTS / CLIENTS }, (_, number) => ({
    messageId: `client-${client}-event-${number}`,
    userId: `client-${client}-user-${number % 100}`,
    again: random() < RESENT_SHARE ? WAYS[Math.floor(random() * WAYS.length)] : undefined,
    altered: random() < ALTERED_SHARE,
  }));
}

/** One client's part. What is sent at the same time goes over a connection of its own. */
async function run(errands: readonly Errand[], url: () => string): Promise<void> {
  const client = startPatientClient(url);
  const other = startPatientClient(url);
  for (let first = 0; first < errands.length; first += BATCH_SIZE) {
    const batch = errands.slice(first, first + BATCH_SIZE);
    const repeats = (way: Errand['again']) => batch.filter(({ again }) => again === way).map(secondTime);
    const meanwhile = repeats('at the same time');
    await Promise.all([
      client.send([...batch.map(firstTime), ...repeats('in the same request')]),
      meanwhile.length === 0 ? undefined : other.send(meanwhile),
      pause(BETWEEN_BATCHES_MS),
    ]);
    const afterwards = repeats('after the answer');
    if (afterwards.length > 0) await other.send(afterwards);
  }
  const late = errands.filter((errand) => errand.again === 'at the end').map(secondTime);
  if (late.length > 0) await client.send(late);
  client.close();
  other.close();
}

const FIRST = 'As Sent First';
const ALTERED = 'As Altered';

function firstTime({ messageId, userId }: Errand) {
  return { type: 'track', messageId, userId, event: FIRST };
}

function secondTime(errand: Errand) {
  return { ...firstTime(errand), event: errand.altered ? ALTERED : FIRST };
}
