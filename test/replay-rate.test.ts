import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { QUESTIONS } from '../packages/server/src/router/messages.ts';
import { startAppProcess } from './support/app-process.ts';
import { eventually } from './support/eventually.ts';
import { ledgerOf } from './support/metrics.ts';
import { idOf, writePipelines } from './support/pipelines-file.ts';
import { beginReplay, replayStatus, watchReplay } from './support/replay-watch.ts';
import { startSteadyLoad } from './support/steady-load.ts';
import { sendSteps, stepOf } from './support/steps.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { startVendorReceiver } from './support/vendor-receiver.ts';

const PIPELINE = idOf('way');
const CREDENTIALS = { siteId: '7c1d9e52a0b34f68', apiKey: '1f0e9d8c7b6a5f4e3d2c' };
/** What Customer.io takes from one account. */
const REQUESTS_PER_SECOND_MAX = 100;
/** Requests that leave within more than a second may arrive within less, on a busy machine. */
const ON_THE_WAY_PART = 0.3;
/** Events that are sent before a replay: seconds of it. */
const PAST = 160;
/** About 80 live events a second: with a rate of its own, a replay would take them far beyond the limit. */
const LIVE_BATCH_SIZE = 2;
const SETTLE_TIMEOUT_MS = 60_000;
/** Nothing more comes of what is stopped: looked at for as long. */
const QUIET_MS = 1_000;

test('a replay shares the rate of its connection with live events, and can be paused, resumed and cancelled', {
  timeout: 120_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using opened = new AsyncDisposableStack();
  const vendor = opened.use(await startVendorReceiver(() => ({ status: 200, text: '{}' })));
  const workspace = await writePipelines(directory.path, {
    pipelines: [
      { name: 'way', destination: 'customerio', details: { ...CREDENTIALS, endpoint: vendor.url } },
    ],
  });
  const options = { workspace, data: `${directory.path}/data` };
  let app = await startAppProcess(options);
  opened.defer(() => app[Symbol.asyncDispose]());
  const from = Date.now();
  await sendSteps(() => app.url, 'past', PAST);
  await eventually('all delivered', () => vendor.received.length === PAST, SETTLE_TIMEOUT_MS);
  const past = { pipeline: PIPELINE, from, until: Date.now() };
  const replayed = () => vendor.received.slice(PAST).filter(({ path }) => path.includes('/past-user-'));
  const live = startSteadyLoad(
    () => app.url,
    LIVE_BATCH_SIZE,
    (place) => stepOf('live', place),
  );
  opened.defer(() => live.stop());

  const one = await beginReplay(app, past);
  await eventually('begun', () => replayed().length >= PAST / 4, SETTLE_TIMEOUT_MS);
  expect(await app.ask(QUESTIONS.changeReplay, { id: one, to: 'pause' })).toBe(true);
  const atPause = replayed().length;
  // It stays paused over a restart.
  expect((await app.stop()).code, app.output()).toBe(0);
  app = await startAppProcess(options);
  await pause(QUIET_MS);
  expect(replayed()).toHaveLength(atPause);
  expect(await replayStatus(app, one)).toMatchObject({
    state: 'paused',
    accepted: PAST,
    delivered: atPause,
  });
  expect(await app.ask(QUESTIONS.changeReplay, { id: one, to: 'resume' })).toBe(true);
  await watchReplay(app, one);
  expect(replayed()).toHaveLength(PAST);
  expect(await app.ask(QUESTIONS.changeReplay, { id: one, to: 'cancel' })).toBe(false);

  const other = await beginReplay(app, past);
  await eventually('begun', () => replayed().length >= PAST * 1.25, SETTLE_TIMEOUT_MS);
  expect(await app.ask(QUESTIONS.changeReplay, { id: other, to: 'cancel' })).toBe(true);
  const sent = replayed().length - PAST;
  await pause(QUIET_MS);
  expect(replayed()).toHaveLength(PAST + sent);
  expect(await replayStatus(app, other)).toMatchObject({ state: 'cancelled', delivered: sent, pending: 0 });
  expect(await app.ask(QUESTIONS.changeReplay, { id: other, to: 'resume' })).toBe(false);

  await live.stop();
  const accepted = PAST + live.sentAt.size;
  await eventually(
    'live ones delivered',
    async () => (await ledgerOf(app.url)).delivered === accepted,
    SETTLE_TIMEOUT_MS,
  );
  expect(vendor.received).toHaveLength(accepted + PAST + sent);
  const busiest = busiestSecond(vendor.received.map(({ at }) => at));
  process.stdout.write(
    `replay at a shared rate: ${busiest} requests in the busiest second, live and replayed; paused after ${atPause}, ` +
      `cancelled after ${sent} of ${PAST}\n`,
  );
  expect(busiest).toBeLessThanOrEqual(REQUESTS_PER_SECOND_MAX * (1 + ON_THE_WAY_PART));
  // It was the limit that held them back.
  expect(busiest).toBeGreaterThan(REQUESTS_PER_SECOND_MAX / 2);
});

/** The most of these moments that lie within a second. */
function busiestSecond(moments: readonly number[]): number {
  let first = 0;
  return Math.max(
    ...moments.map((moment, index) => {
      while ((moments[first] ?? moment) <= moment - 1_000) first += 1;
      return index - first + 1;
    }),
  );
}
