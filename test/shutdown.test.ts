import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startAcknowledgedLoad } from './support/acknowledged-load.ts';
import { eventually } from './support/eventually.ts';
import { startRecordingReceiver } from './support/recording-receiver.ts';
import { launchServer, startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { writeWorkspace } from './support/workspace-file.ts';

/** What is promised to who runs it: an orchestrator's usual patience. */
const SHUTDOWN_MS_MAX = 30_000;
/** Long enough for requests, commits and deliveries to be under way at the same time. */
const UNDER_LOAD_MS = 1_500;

test('asked to end under load, it exits with 0 in time and loses nothing acknowledged', {
  timeout: 120_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using receiver = await startRecordingReceiver();
  const options = {
    workspace: await writeWorkspace(directory.path, { hooks: [receiver.url] }),
    data: `${directory.path}/data`,
  };
  await using first = await startServer(options);
  const load = startAcknowledgedLoad(() => first.url);
  await pause(UNDER_LOAD_MS);

  const askedAt = performance.now();
  const ended = await first.stop();
  const tookMs = performance.now() - askedAt;
  await load.stop();

  expect(ended, first.output()).toEqual({ code: 0, signal: null });
  expect(tookMs).toBeLessThan(SHUTDOWN_MS_MAX);
  expect(load.acknowledged.size).toBeGreaterThan(0);
  await using second = await startServer(options);
  const missing = () => load.acknowledged.difference(receiver.delivered).size;
  await eventually(
    () => `delivered by the next start: ${missing()} acknowledged events; it said:\n${second.output()}`,
    () => missing() === 0,
    30_000,
  );
});

test('a second process on the same data directory is refused in plain words', {
  timeout: 60_000,
}, async () => {
  await using directory = await temporaryDirectory();
  const options = { workspace: await writeWorkspace(directory.path), data: `${directory.path}/data` };
  await using first = await startServer(options);

  await using second = await launchServer(options);
  const ended = await second.exit;

  expect(ended.signal).toBeNull();
  expect(ended.code).not.toBe(0);
  expect(second.output()).toContain(options.data);
  expect(second.output()).toMatch(/in use|another/i);
  expect((await fetch(`${first.url}/health/ready`)).status).toBe(200);
});
