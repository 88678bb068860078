import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ReplayStatus } from '../packages/server/src/activity/delivery-views.ts';
import { startAppProcess } from './support/app-process.ts';
import { eventually } from './support/eventually.ts';
import { watchLedgers } from './support/ledger-watch.ts';
import { ledgerOf } from './support/metrics.ts';
import { idOf, writePipelines } from './support/pipelines-file.ts';
import {
  type Delivery,
  type RecordingReceiver,
  startRecordingReceiver,
} from './support/recording-receiver.ts';
import { beginReplay, watchReplay } from './support/replay-watch.ts';
import { type SteadyLoad, startSteadyLoad } from './support/steady-load.ts';
import { firstArrivals, inversionsIn, sendSteps, stepOf } from './support/steps.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const PIPELINE = idOf('way');
/** Events that are sent before a replay, which has half of them: enough to see it in its middle. */
const PAST = 2_000;
/** About 200 live events a second. */
const LIVE_BATCH_SIZE = 5;
/** What the median live event may take longer while a replay runs: a fraction of what a person notices. */
const LIVE_SLOWER_MS_MAX = 100;
const SETTLE_TIMEOUT_MS = 60_000;
/** Live events that show how long they take without a replay. */
const BASELINE_MS = 1_000;

test('a replay sends exactly its range, in order per user, beside live events, and goes on after a kill', {
  timeout: 180_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using opened = new AsyncDisposableStack();
  /** How many replayed events the receiver takes before it leaves them unanswered; live ones it always takes. */
  let takes = Number.POSITIVE_INFINITY;
  let taken = 0;
  const receiver = opened.use(
    await startRecordingReceiver(({ isReplay }) => {
      if (isReplay && taken >= takes) return 'none';
      if (isReplay) taken += 1;
      return 200;
    }),
  );
  const options = {
    workspace: await writePipelines(directory.path, {
      pipelines: [{ name: 'way', details: { urls: [receiver.url] } }],
    }),
    data: `${directory.path}/data`,
  };
  let app = await startAppProcess(options);
  opened.defer(() => app[Symbol.asyncDispose]());
  const url = () => app.url;
  const ledgers = opened.use(watchLedgers(url));
  await sendSteps(url, 'past', PAST);
  await eventually('all delivered', () => receiver.delivered.size === PAST, SETTLE_TIMEOUT_MS);
  const range = rangeOf(receiver, 500, 1_500);
  const live = startSteadyLoad(url, LIVE_BATCH_SIZE, (place) => stepOf('live', place));
  opened.defer(() => live.stop());
  await pause(BASELINE_MS);

  // The first time it runs through.
  const first = receiver.deliveries.length;
  const runAt = performance.now();
  const seen = await watchReplay(app, await beginReplay(app, { pipeline: PIPELINE, ...range.times }));
  const runEndedAt = performance.now();
  const firstRun = replayedSince(receiver, first);
  expect(firstRun).toHaveLength(range.messageIds.size);
  expectProgress(seen, range.messageIds.size);

  // The second time the server is killed in its middle, and goes on by itself.
  takes = taken + Math.floor(range.messageIds.size * 0.3);
  const second = receiver.deliveries.length;
  const again = await beginReplay(app, { pipeline: PIPELINE, ...range.times });
  await eventually('in its middle', () => taken === takes, SETTLE_TIMEOUT_MS);
  await app.kill();
  takes = Number.POSITIVE_INFINITY;
  app = await startAppProcess(options);
  const [last] = (await watchReplay(app, again)).slice(-1);
  expect(last).toMatchObject({ accepted: range.messageIds.size, delivered: range.messageIds.size });
  const secondRun = replayedSince(receiver, second);

  await live.stop();
  const accepted = PAST + live.sentAt.size;
  await eventually(
    () => `all ${accepted} live ones delivered\n${app.output()}`,
    async () => (await ledgerOf(app.url)).delivered === accepted,
    SETTLE_TIMEOUT_MS,
  );
  expect(await ledgerOf(app.url)).toEqual({
    accepted,
    delivered: accepted,
    filtered: 0,
    dead: 0,
    pending: 0,
  });
  await ledgers.stop();
  expect((await app.stop()).code, app.output()).toBe(0);

  const before = medianWait(receiver, live, 0, runAt);
  const meanwhile = medianWait(receiver, live, runAt, runEndedAt);
  const secondDistinct = new Set(secondRun.map(({ messageId }) => messageId));
  process.stdout.write(
    `replay of ${range.messageIds.size} of ${PAST} events beside ${live.sentAt.size} live ones: ` +
      `${firstRun.length} sent in ${Math.round(runEndedAt - runAt)} ms; once more with a kill: ${secondDistinct.size}, and ` +
      `${secondRun.length - secondDistinct.size} twice; live events took ${Math.round(meanwhile)} ms meanwhile ` +
      `(before: ${Math.round(before)} ms); ${ledgers.wrong.length} of ${ledgers.seen()} ledgers wrong\n`,
  );
  expect(new Set(firstRun.map(({ messageId }) => messageId))).toEqual(range.messageIds);
  expect(secondDistinct).toEqual(range.messageIds);
  for (const run of [firstRun, firstArrivals(secondRun)]) expect(inversionsIn(run)).toBe(0);
  expect(notAsTheFirst(receiver)).toEqual([]);
  const lives = receiver.deliveries.filter(({ messageId }) => messageId.startsWith('live-'));
  expect(lives.filter(({ isReplay }) => isReplay)).toEqual([]);
  expect(inversionsIn(firstArrivals(lives))).toBe(0);
  expect(meanwhile).toBeLessThan(before + LIVE_SLOWER_MS_MAX);
  expect(ledgers.wrong.slice(0, 3)).toEqual([]);
});

/** The time from which the event at one place was received until the one at another was, and what was received in it. */
function rangeOf({ deliveries }: RecordingReceiver, first: number, last: number) {
  const received = new Map(
    deliveries.map(({ messageId, event }) => [messageId, Date.parse(String(event.receivedAt))] as const),
  );
  const from = received.get(`past-${first}`) ?? Number.NaN;
  const until = received.get(`past-${last}`) ?? Number.NaN;
  const inside = [...received].filter(([, time]) => time >= from && time < until);
  return { times: { from, until }, messageIds: new Set(inside.map(([messageId]) => messageId)) };
}

/** At every look all of its events are accounted for, and those that are delivered only become more. */
function expectProgress(seen: readonly ReplayStatus[], accepted: number): void {
  for (const { delivered, filtered, dead, pending, ...status } of seen) {
    expect(status.accepted).toBe(accepted);
    expect(delivered + filtered + dead + pending).toBe(accepted);
  }
  const delivered = seen.map((status) => status.delivered);
  expect(delivered).toEqual(delivered.toSorted((one, other) => one - other));
  expect(delivered.at(-1)).toBe(accepted);
}

/** What arrived as replayed and was taken, from a place in the order of arrival on. */
function replayedSince({ deliveries }: RecordingReceiver, place: number): readonly Delivery[] {
  return deliveries.slice(place).filter(({ isReplay, status }) => isReplay && status === 200);
}

/** What came with another content, or another idempotency key, than the first time; or with none. */
function notAsTheFirst({ deliveries }: RecordingReceiver): readonly string[] {
  const known = new Map<string, Delivery>();
  return deliveries.flatMap((delivery) => {
    const { messageId, idempotencyKey, event } = delivery;
    const first = known.get(messageId) ?? delivery;
    known.set(messageId, first);
    const isSame = JSON.stringify(event) === JSON.stringify(first.event);
    return isSame && idempotencyKey !== undefined && idempotencyKey === first.idempotencyKey
      ? []
      : [messageId];
  });
}

/** Of the live events that were sent in between: how long half of them took to arrive, at most, in milliseconds. */
function medianWait({ deliveries }: RecordingReceiver, { sentAt }: SteadyLoad, from: number, until: number) {
  const waits = deliveries
    .filter(({ attempt }) => attempt === 1)
    .map(({ messageId, at }) => ({ sent: sentAt.get(messageId) ?? Number.NaN, at }))
    .filter(({ sent }) => sent >= from && sent < until)
    .map(({ sent, at }) => at - sent)
    .toSorted((one, other) => one - other);
  return waits[Math.floor(waits.length / 2)] ?? Number.NaN;
}
