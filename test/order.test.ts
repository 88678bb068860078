import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seededRandom } from '../packages/server/src/platform/seeded-random.ts';
import { eventually } from './support/eventually.ts';
import { countInversions } from './support/inversions.ts';
import { watchLedgers } from './support/ledger-watch.ts';
import { type PatientClient, startPatientClient } from './support/patient-client.ts';
import { type RecordingReceiver, startRecordingReceiver } from './support/recording-receiver.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { writeWorkspace } from './support/workspace-file.ts';

/** `npm run prove` has 1,000 users with 100 events each. */
const USERS = Number(process.env.METAROUTER_PROVE_ORDER_USERS ?? 200);
const EVENTS_PER_USER = USERS / 10;
/** Every second one is a kill. */
const RESTARTS = Number(process.env.METAROUTER_PROVE_ORDER_RESTARTS ?? 3);
/**
 * How often the receiver may fail one and the same event. The first retry comes after 5 s, the second 25 s later, the
 * third 90 s: so few failures each let a small run end soon, and `npm run prove` has no such limit. In both the
 * receiver fails as long as events are sent, and takes all of them from then on.
 */
const FAILURES_PER_EVENT_MAX = Number(process.env.METAROUTER_PROVE_ORDER_FAILURES ?? 1);
/** The moments of the restarts and the failures follow from this; it is printed, and may be set. */
const SEED = Number(process.env.METAROUTER_PROVE_SEED ?? Date.now() % 2 ** 32);
const FAILURE_SHARE = 0.2;
const CLIENTS = 20;
/** Each client sends two events at a time: 1,000 a second from all of them. */
const BETWEEN_REQUESTS_MS = CLIENTS * 2;
const LIFE_MS = (USERS * EVENTS_PER_USER) / (RESTARTS + 1);
/** What had been delivered this long before a crash has long been noted by the lane. */
const NOTED_WITHIN_MS = 5_000;
/** Three failures in a row, the last one just before the load ended, and then some. */
const DRAIN_TIMEOUT_MS = FAILURES_PER_EVENT_MAX === 1 ? 30_000 : 300_000;
const TIMEOUT_MS = (LIFE_MS + 10_000) * (RESTARTS + 1) + DRAIN_TIMEOUT_MS + 60_000;

/** When the server was killed, and when the next one was ready. Milliseconds on a clock that only grows. */
interface Crash {
  readonly at: number;
  readonly overAt: number;
}

test(`each of ${USERS} users' events arrive in order through failures, restarts and kills`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const random = seededRandom(SEED);
  await using directory = await temporaryDirectory();
  await using opened = new AsyncDisposableStack();
  const data = `${directory.path}/data`;
  let isFailing = true;
  const receiver = opened.use(
    await startRecordingReceiver(({ attempt }) =>
      isFailing && attempt <= FAILURES_PER_EVENT_MAX && random() < FAILURE_SHARE ? 500 : 200,
    ),
  );
  const workspace = await writeWorkspace(directory.path, { hooks: [receiver.url] });
  let server = await startServer({ workspace, data });
  opened.defer(() => server[Symbol.asyncDispose]());
  const ledgers = opened.use(watchLedgers(() => server.url));
  const clients = Array.from({ length: CLIENTS }, () => startPatientClient(() => server.url));
  const load = Promise.all(clients.map((client, index) => sendAll(client, index)));
  load.catch(() => undefined);

  const crashes: Crash[] = [];
  for (let restart = 0; restart < RESTARTS; restart += 1) {
    await pause(LIFE_MS * (0.5 + random()));
    const at = performance.now();
    if (restart % 2 === 1) await server.kill();
    else expect((await server.stop()).code, server.output()).toBe(0);
    server = await startServer({ workspace, data });
    if (restart % 2 === 1) crashes.push({ at, overAt: performance.now() });
  }
  await load;
  isFailing = false;
  const missing = () => USERS * EVENTS_PER_USER - receiver.delivered.size;
  await eventually(
    () => `delivered: ${missing()} events (seed ${SEED})`,
    () => missing() === 0,
    DRAIN_TIMEOUT_MS,
  );
  await ledgers.stop();
  expect((await server.stop()).code, server.output()).toBe(0);

  const { arrivals, repeats } = takenBy(receiver);
  const failures = receiver.deliveries.filter(({ status }) => status === 500).length;
  const unexplained = repeats.filter((repeat) => !crashes.some((crash) => explains(crash, repeat)));
  const inversions = countInversions(arrivals);
  process.stdout.write(
    `order, ${RESTARTS} restarts (seed ${SEED}): ${arrivals.length} events of ${USERS} users, ${failures} answered 500, ` +
      `0 missing, ${inversions} out of order, ${repeats.length} repeated, ${unexplained.length} of them not by a kill; ` +
      `${ledgers.wrong.length} of ${ledgers.seen()} ledgers wrong\n`,
  );
  expect(failures).toBeGreaterThan(arrivals.length * FAILURE_SHARE * 0.25);
  expect(inversions).toBe(0);
  expect(unexplained.slice(0, 3)).toEqual([]);
  expect(ledgers.wrong.slice(0, 3)).toEqual([]);
  expect(severalKeys(receiver).slice(0, 3)).toEqual([]);
});

/** Sends the events of this client's users, two of a user at a time, and the next when these are acknowledged. */
async function sendAll(client: PatientClient, index: number): Promise<void> {
  for (let number = 0; number < EVENTS_PER_USER; number += 2)
    for (let user = index; user < USERS; user += CLIENTS) {
      const pair = [eventOf(user, number), eventOf(user, number + 1)];
      await Promise.all([client.send(pair), pause(BETWEEN_REQUESTS_MS)]);
    }
  client.close();
}

function eventOf(user: number, number: number) {
  const messageId = `user-${user}-event-${number}`;
  return { type: 'track', messageId, userId: `user-${user}`, event: 'Step', properties: { number } };
}

/** An event that the receiver took a second time, with the moments of both. */
interface Repeat {
  readonly messageId: string;
  readonly takenAt: number;
  readonly againAt: number;
}

/** What the receiver answered with 200: every event's first time, in order, and all others. */
function takenBy({ deliveries }: RecordingReceiver) {
  const takenAt = new Map<string, number>();
  const arrivals: { user: unknown; place: number }[] = [];
  const repeats: Repeat[] = [];
  for (const { messageId, status, at, event } of deliveries) {
    if (status !== 200) continue;
    const before = takenAt.get(messageId);
    if (before !== undefined) {
      repeats.push({ messageId, takenAt: before, againAt: at });
      continue;
    }
    takenAt.set(messageId, at);
    arrivals.push({ user: event.userId, place: Number(messageId.split('-').at(-1)) });
  }
  return { arrivals, repeats };
}

/** Whether a repeat comes from a crash: the lane had not noted yet that the event was delivered. */
function explains(crash: Crash, { takenAt, againAt }: Repeat): boolean {
  return takenAt > crash.at - NOTED_WITHIN_MS && takenAt < crash.overAt && againAt > crash.at;
}

/** The events that came with another idempotency key than the first time, or with none. */
function severalKeys({ deliveries }: RecordingReceiver): readonly string[] {
  const keys = new Map<string, string | undefined>();
  return deliveries.flatMap(({ messageId, idempotencyKey }) => {
    if (!keys.has(messageId)) keys.set(messageId, idempotencyKey);
    return idempotencyKey === undefined || keys.get(messageId) !== idempotencyKey ? [messageId] : [];
  });
}
