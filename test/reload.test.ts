import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { startFragileReceiver } from './support/fragile-receiver.ts';
import { watchLedgers } from './support/ledger-watch.ts';
import { ledgersOn, metricsPage } from './support/metrics.ts';
import { idOf, writePipelines } from './support/pipelines-file.ts';
import { startRecordingReceiver } from './support/recording-receiver.ts';
import { launchServer, type ServerProcess, startServer } from './support/server-process.ts';
import { startSteadyLoad } from './support/steady-load.ts';
import { inversionsIn, stepOf } from './support/steps.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { track } from './support/track.ts';

/** What is promised: so long after a change nothing goes the old way any more. */
const IN_FORCE_MS_MAX = 5_000;
/** Long enough for hundreds of events to show that something still goes the old way. */
const WATCH_MS = 1_500;
const SETTLE_TIMEOUT_MS = 30_000;
/** About 200 events a second. */
const BATCH_SIZE = 5;

test('what a changed file says of pipelines is in force within 5 s under load, and nothing is lost', {
  timeout: 120_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using opened = new AsyncDisposableStack();
  const receiver = async () => opened.use(await startRecordingReceiver());
  const steady = await receiver();
  const switched = await receiver();
  const filtered = await receiver();
  const old = await receiver();
  const moved = await receiver();
  const hanging = opened.use(await startFragileReceiver());
  await hanging.become('hanging');
  const to = (name: string, { url }: { readonly url: string }) => ({ name, details: { urls: [url] } });
  const workspace = await writePipelines(directory.path, {
    pipelines: [
      to('steady', steady),
      to('switched', switched),
      to('filtered', filtered),
      to('moved', old),
      to('deleted', hanging),
    ],
  });
  const server = opened.use(await startServer({ workspace, data: `${directory.path}/data` }));
  const pendingOf = async (pipeline: string) =>
    ledgersOn(await metricsPage(server.url)).get(idOf(pipeline))?.pending;
  const ledgers = opened.use(watchLedgers(() => server.url));
  const load = startSteadyLoad(() => server.url, BATCH_SIZE, eventOf);
  opened.defer(() => load.stop());
  const under = [steady, switched, filtered, old];
  await eventually(
    'under load',
    () => under.every(({ delivered }) => delivered.size > 100),
    SETTLE_TIMEOUT_MS,
  );
  expect(await pendingOf('deleted')).toBeGreaterThan(100);

  // One change of each kind, while the pipeline that is deleted waits for answers that do not come.
  await writePipelines(directory.path, {
    pipelines: [
      to('steady', steady),
      { ...to('switched', switched), enabled: false },
      { ...to('filtered', filtered), filter: [{ name: 'no coffee', drop: 'event = "Coffee Made"' }] },
      to('moved', moved),
      { ...to('deleted', hanging), delete: true },
    ],
  });
  const tookMs = await reload(server);
  await hanging.become('well');
  const counts = () => under.map(({ deliveries }) => deliveries.length);
  const [steadyAt = 0, switchedAt = 0, filteredAt = 0, oldAt = 0] = counts();
  await pause(WATCH_MS);
  expect([switched.deliveries.length, old.deliveries.length]).toEqual([switchedAt, oldAt]);
  expect(steady.deliveries.length).toBeGreaterThan(steadyAt + 100);
  const made = new Set(filtered.deliveries.slice(filteredAt).map(({ event }) => event.event));
  expect(made).toEqual(new Set(['Tea Made']));
  expect(hanging.taken).toEqual([]);
  expect(await pendingOf('deleted')).toBeUndefined();
  expect(await pendingOf('switched')).toBeGreaterThan(100);

  // Switched on again, it goes on where it was; what the file does not name any more stays as it is.
  await writePipelines(directory.path, {
    pipelines: [to('steady', steady), to('switched', switched), to('moved', moved)],
  });
  await reload(server);
  const filteredLater = filtered.deliveries.length;
  await pause(WATCH_MS);
  await load.stop();
  expect(filtered.deliveries.length).toBeGreaterThan(filteredLater);
  for (const pipeline of ['steady', 'switched', 'moved', 'filtered'])
    await eventually(`${pipeline} settled`, async () => (await pendingOf(pipeline)) === 0, SETTLE_TIMEOUT_MS);
  await ledgers.stop();
  expect((await server.stop()).code, server.output()).toBe(0);

  const all = new Set(load.sentAt.keys());
  process.stdout.write(
    `reload under load: in force after ${Math.round(tookMs)} ms; ${all.size} events, missing where it was switched off ` +
      `and on ${all.difference(switched.delivered).size}, where the URL changed ` +
      `${all.difference(old.delivered.union(moved.delivered)).size}; ` +
      `${ledgers.wrong.length} of ${ledgers.seen()} ledgers wrong\n`,
  );
  expect(tookMs).toBeLessThan(IN_FORCE_MS_MAX);
  expect(old.delivered.union(moved.delivered)).toEqual(all);
  expect(old.deliveries.length + moved.deliveries.length).toBe(all.size);
  for (const each of [steady, switched]) {
    expect(each.delivered).toEqual(all);
    expect(each.deliveries).toHaveLength(all.size);
    expect(inversionsIn(each.deliveries)).toBe(0);
  }
  expect(ledgers.wrong.slice(0, 3)).toEqual([]);
});

test('a disabled source is refused at the door at once, also while the lanes wait for a hanging receiver', {
  timeout: 60_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using hanging = await startFragileReceiver();
  await hanging.become('hanging');
  const hook = { name: 'hanging', details: { urls: [hanging.url] } };
  const workspace = await writePipelines(directory.path, { pipelines: [hook] });
  await using server = await startServer({ workspace, data: `${directory.path}/data` });
  expect((await track(server.url, 'before')).status).toBe(200);
  await pause(WATCH_MS);

  await writePipelines(directory.path, { pipelines: [{ ...hook, enabled: false }], enabled: false });
  const lanes = reload(server);
  let isInForce = false;
  const noted = lanes.then(() => {
    isInForce = true;
  });
  await eventually('refused', async () => (await track(server.url, 'while')).status === 400, IN_FORCE_MS_MAX);
  expect(isInForce).toBe(false);
  await noted;
  expect(await lanes).toBeLessThan(IN_FORCE_MS_MAX);
  expect((await track(server.url, 'after')).status).toBe(400);

  await writePipelines(directory.path, { pipelines: [hook] });
  await reload(server);
  expect((await track(server.url, 'again')).status).toBe(200);
});

test('a file with a fault changes nothing, and the log says which file, where in it and why', {
  timeout: 60_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using receiver = await startRecordingReceiver();
  const hook = { name: 'hook', details: { urls: [receiver.url] } };
  const workspace = await writePipelines(directory.path, { pipelines: [hook] });
  await using server = await startServer({ workspace, data: `${directory.path}/data` });

  const faulty = { ...hook, name: 'new', filter: [{ name: 'a', drop: 'event ==' }] };
  await writePipelines(directory.path, { pipelines: [{ ...hook, enabled: false }, faulty], enabled: false });
  process.kill(server.pid, 'SIGHUP');
  await eventually('refused', () => server.output().includes('has faults'), IN_FORCE_MS_MAX);
  const line =
    server
      .output()
      .split('\n')
      .find((one) => one.includes('has faults')) ?? '';
  expect(JSON.parse(line)).toMatchObject({
    level: 'error',
    faults: expect.stringMatching(
      new RegExp(
        `${workspace}:\\d+:\\d+ organizations\\[0\\]\\.sources\\[0\\]\\.pipelines\\[1\\]\\.filter\\[0\\]\\.drop: .*expected`,
      ),
    ),
  });
  expect((await track(server.url, 'one')).status).toBe(200);
  await eventually('delivered', () => receiver.delivered.has('one'), SETTLE_TIMEOUT_MS);
  expect(ledgersOn(await metricsPage(server.url)).size).toBe(1);

  await writePipelines(directory.path, { pipelines: [{ ...hook, enabled: false }] });
  await reload(server);
  expect((await track(server.url, 'two')).status).toBe(200);
  await pause(WATCH_MS);
  expect(receiver.delivered.has('two')).toBe(false);
});

test('a signal that comes during the start has the file read again once the server is ready', {
  timeout: 60_000,
}, async () => {
  await using directory = await temporaryDirectory();
  const workspace = await writePipelines(directory.path, { pipelines: [] });
  const data = `${directory.path}/data`;
  await using server = await launchServer({ workspace, data });
  await eventually('starting', () => existsSync(`${data}/lock`), SETTLE_TIMEOUT_MS);
  expect(server.output()).not.toContain('Ready on');
  process.kill(server.pid, 'SIGHUP');
  await eventually('read again', () => server.output().includes('is in force'), SETTLE_TIMEOUT_MS);
  expect(server.output()).toContain('Ready on');
});

test('a signal to a server without a workspace file is answered by a warning, and by nothing else', {
  timeout: 60_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using server = await startServer({ data: `${directory.path}/data` });
  process.kill(server.pid, 'SIGHUP');
  const warnings = () => server.output().split('no workspace file').length - 1;
  await eventually('warned', () => warnings() === 1, SETTLE_TIMEOUT_MS);
  expect((await server.stop()).code, server.output()).toBe(0);
  expect(warnings()).toBe(1);
});

/** Has the workspace file read again; resolves with how many milliseconds it took until it was in force. */
async function reload(server: ServerProcess): Promise<number> {
  const times = () => server.output().split('read again and is in force').length;
  const before = times();
  const askedAt = performance.now();
  process.kill(server.pid, 'SIGHUP');
  await eventually(
    () => `in force\n${server.output()}`,
    () => times() > before,
    2 * IN_FORCE_MS_MAX,
  );
  return performance.now() - askedAt;
}

/** Every second one is about coffee. */
function eventOf(place: number) {
  return { ...stepOf('step', place), event: place % 2 === 0 ? 'Tea Made' : 'Coffee Made' };
}
