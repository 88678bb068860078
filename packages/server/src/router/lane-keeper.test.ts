import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Clock, systemClock } from '../platform/clock.ts';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { keepLanesRunning } from './lane-keeper.ts';
import { listen, loseState, openLog, threadData } from './lane-thread.fixture.ts';
import { QUESTIONS } from './messages.ts';
import { Planning } from './planning.ts';
import { Suspects } from './suspects.ts';

/** A thread takes a second to start, and more beside others. */
const PATIENT = { timeout: 20_000 };

/** Lanes that are kept running on a real log, with a receiver. */
async function kept() {
  const { url, received } = await listen();
  return { ...(await keptWith(url, systemClock)), received };
}

async function keptWith(url: string, clock: Clock) {
  const place = await openLog();
  const { log, directory } = place;
  const reports: string[] = [];
  const failures: Error[] = [];
  const { pipelines, ...data } = threadData(place, url);
  const lanes = await keepLanesRunning({
    ...data,
    pipelines: () => pipelines,
    clock,
    starts: () => [{ position: log.head(), sequences: new Map(log.sequences()) }],
    report: (_, message) => reports.push(message),
    onFailure: (error) => failures.push(error),
  });
  return { lanes, accept: place.accept, directory, reports, failures };
}

test('a lane thread that dies is started again, and delivers what was accepted meanwhile', async () => {
  const { lanes, accept, received, reports, failures } = await kept();
  await accept('before');
  await expect.poll(() => received, PATIENT).toContain('before');
  lanes.kill();
  await accept('meanwhile');
  await expect.poll(() => received, PATIENT).toContain('meanwhile');
  expect(await lanes.ask(QUESTIONS.alive, undefined)).toBeUndefined();
  expect(reports.filter((message) => message.startsWith('The lanes stopped'))).toHaveLength(1);
  expect(failures).toEqual([]);
  await lanes.stop();
});

test('a stop ends lanes that do not end by themselves', async () => {
  const hanging = createServer();
  hanging.listen(0, '127.0.0.1');
  onTestFinished(() => void hanging.close().closeAllConnections());
  await once(hanging, 'listening');
  const address = hanging.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const clock = new VirtualClock();
  const { lanes, accept, failures } = await keptWith(`http://127.0.0.1:${port}/`, clock);
  const asked = once(hanging, 'request');
  await accept('hangs');
  await asked;
  const began = performance.now();
  const stopped = lanes.stop();
  await clock.pass(15_000);
  await stopped;
  // By themselves they would wait 5 s for the answer.
  expect(performance.now() - began).toBeLessThan(4_000);
  expect(failures).toEqual([]);
});

test('lanes that die while they are asked, and cannot be started again, are told of once', async () => {
  const clock = new VirtualClock();
  const { url } = await listen();
  const { lanes, directory, failures } = await keptWith(url, clock);
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  await clock.pass(10_000);
  loseState(directory);
  lanes.kill();
  await expect.poll(() => failures, PATIENT).toHaveLength(1);
  // A rejection counts as unhandled once the turn is over in which nobody took it.
  await clock.pass(1);
  lanes.kill();
  await clock.pass(1);
  expect(unhandled).toEqual([]);
  expect(failures).toHaveLength(1);
}, 60_000);

test('where starting again does not help, the process is told', async () => {
  const { lanes, failures } = await kept();
  const runsAgain = () =>
    lanes.ask(QUESTIONS.alive, undefined).then(
      () => true,
      () => failures.length > 0,
    );
  for (let deaths = 0; failures.length === 0 && deaths < 20; deaths += 1) {
    lanes.kill();
    await expect.poll(runsAgain, PATIENT).toBe(true);
  }
  expect(failures).toHaveLength(1);
}, 60_000);

test('the main thread knows which event is being looked at, and that there is none afterwards', () => {
  const inLanes = new Planning();
  const inMain = new Planning(inLanes.shared);
  expect(inMain.take()).toBeUndefined();
  expect(inLanes.run(0, () => inMain.take())).toBe(0);
  inLanes.run(7, () => 'planned');
  expect(inMain.take()).toBeUndefined();
});

test('how often an event has stopped the lanes outlives the process, and a damaged file starts anew', () => {
  const directory = mkdtempSync(join(tmpdir(), 'suspects-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'suspects.json');
  expect([new Suspects(file).add(5), new Suspects(file).add(5), new Suspects(file).add(6)]).toEqual([
    1, 2, 1,
  ]);
  expect(new Suspects(file).all).toEqual(
    new Map([
      [5, 2],
      [6, 1],
    ]),
  );
  writeFileSync(file, '[{"position":');
  expect(new Suspects(file).all).toEqual(new Map());
});

test('how often an event has stopped the lanes is known also where it cannot be written', () => {
  const nowhere = new Suspects(join(tmpdir(), 'no-such-directory', 'suspects.json'));
  expect([nowhere.add(5), nowhere.add(5)]).toEqual([1, 2]);
});
