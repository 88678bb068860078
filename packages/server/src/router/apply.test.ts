import { expect, test } from 'vitest';
import type { Pipeline } from '../store/workspace.ts';
import { MemoryLog } from './memory-log.ts';
import { DELIVERED, fail, HOOK, HOUR, live, PIPELINE, RETRY } from './router.fixture.ts';
import type { Script } from './scripted-sender.ts';

type Life = ReturnType<typeof live>;

const NEW = 'https://new.example.com/';
const MOVED: Pipeline = { ...PIPELINE, connection: { urls: [NEW] } };
const OTHER: Pipeline = { ...PIPELINE, id: 'q', connection: { urls: ['https://other.example.com/'] } };

/** Applies while an event a millisecond comes in, for so long after it was asked for; resolves with how long it took. */
async function applied(
  life: Life,
  log: MemoryLog,
  pipelines: readonly Pipeline[],
  ms = 100,
): Promise<number> {
  const from = life.clock.monotonic();
  let took = Number.POSITIVE_INFINITY;
  void life.router.apply(pipelines).then(() => {
    took = life.clock.monotonic() - from;
  });
  await traffic(life, log, ms);
  return took;
}

async function traffic({ clock }: Life, log: MemoryLog, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1) {
    log.accept('s', `u${passed % 20}`, `${log.head()}`, { now: 0 });
    await clock.pass(1);
  }
}

function laneOf({ router }: Life, pipeline: string) {
  return router.snapshot().lanes.find((lane) => lane.pipeline === pipeline);
}

const sentTo = ({ sender }: Life, url: string) =>
  sender.arrivals.filter((arrival) => arrival.url === url).map(({ messageId }) => Number(messageId));

test('a changed address gets every event from then on, none goes the old way, and none is lost or out of order', async () => {
  const log = new MemoryLog();
  const script: Script = () => ({ outcome: DELIVERED, afterMs: 3 });
  const life = live({ log, script });
  await traffic(life, log, 200);
  expect(await applied(life, log, [MOVED])).toBeLessThan(20);
  const old = sentTo(life, HOOK).length;
  await traffic(life, log, 200);
  await life.clock.pass(1_000);
  expect(sentTo(life, HOOK)).toHaveLength(old);
  expect([...sentTo(life, HOOK), ...sentTo(life, NEW)].toSorted((one, two) => one - two)).toEqual(
    Array.from({ length: log.head() }, (_, place) => place),
  );
  expect(laneOf(life, 'p')).toMatchObject({ delivered: log.head(), window: 0 });
});

test('a receiver that hangs does not delay the change beyond 5 s, and what it was sent is sent the new way', async () => {
  const log = new MemoryLog();
  const script: Script = ({ url }) => ({ outcome: DELIVERED, afterMs: url === HOOK ? 14_000 : 1 });
  const life = live({ log, script });
  await traffic(life, log, 100);
  expect(await applied(life, log, [MOVED], 4_000)).toBeLessThan(5_000);
  const old = sentTo(life, HOOK).length;
  await life.clock.pass(HOUR);
  expect(sentTo(life, HOOK)).toHaveLength(old);
  expect(new Set(sentTo(life, NEW)).size).toBe(log.head());
  expect(laneOf(life, 'p')).toMatchObject({ delivered: log.head(), held: 0, window: 0 });
});

test('an answer that comes after the change counts for nothing, so that rows and counts stay true', async () => {
  const log = new MemoryLog();
  let hangs = true;
  const script: Script = () => ({ outcome: hangs ? RETRY : DELIVERED, afterMs: hangs ? 4_000 : 1 });
  const life = live({ log, script });
  log.accept('s', 'a', '0', { now: 0 });
  await life.clock.pass(100);
  const change = life.router.apply([MOVED]);
  await life.clock.pass(3_001);
  await change;
  hangs = false;
  await life.clock.pass(HOUR);
  expect(laneOf(life, 'p')).toMatchObject({ delivered: 1, held: 0, window: 0 });
  await life.router.stop();
  const next = live({ log, script, pipelines: [MOVED] });
  await next.clock.pass(HOUR);
  expect(laneOf(next, 'p')).toMatchObject({ delivered: 1, held: 0, window: 0 });
  expect(next.sender.arrivals).toEqual([]);
});

test('pipelines come and go, are switched off and on again under load, and those that did not change take no notice', async () => {
  const log = new MemoryLog();
  const script: Script = () => ({ outcome: DELIVERED, afterMs: 2 });
  const life = live({ log, script });
  await traffic(life, log, 50);
  const begins = log.head();
  await applied(life, log, [PIPELINE, OTHER]);
  await applied(life, log, [PIPELINE, { ...OTHER, enabled: false }]);
  const gotBefore = laneOf(life, 'q')?.delivered ?? 0;
  await traffic(life, log, 100);
  expect(laneOf(life, 'q')).toMatchObject({ delivered: gotBefore, trouble: 'off' });
  await applied(life, log, [PIPELINE, OTHER]);
  await life.clock.pass(1_000);
  const { delivered, startSequence } = laneOf(life, 'q') ?? fail('no lane');
  expect([delivered, startSequence - begins]).toEqual([log.head() - startSequence, 1]);
  await applied(life, log, [PIPELINE]);
  expect(laneOf(life, 'q')).toBeUndefined();
  await life.clock.pass(1_000);
  const got = sentTo(life, HOOK);
  expect(got).toEqual(Array.from({ length: log.head() }, (_, place) => place));
  expect(laneOf(life, 'p')).toMatchObject({
    delivered: log.head(),
    window: 0,
    outcomes: { delivered: log.head() },
  });
});

test('what an event still had to be sent to, and is no longer wanted there, is needed no longer', async () => {
  const log = new MemoryLog();
  const script: Script = ({ url }) => ({ outcome: url === NEW ? RETRY : DELIVERED, afterMs: 1 });
  const life = live({ log, script, pipelines: [{ ...PIPELINE, connection: { urls: [HOOK, NEW] } }] });
  log.accept('s', 'a', '0', { now: 0 });
  await life.clock.pass(1_000);
  expect(laneOf(life, 'p')).toMatchObject({ held: 1, delivered: 0 });
  const change = life.router.apply([PIPELINE]);
  await life.clock.pass(10_000);
  await change;
  expect(laneOf(life, 'p')).toMatchObject({ held: 0, delivered: 1 });
  expect(sentTo(life, HOOK)).toEqual([0]);
});

test('changes in quick succession end with the last one', async () => {
  const log = new MemoryLog();
  const life = live({ log, script: () => ({ outcome: DELIVERED, afterMs: 500 }) });
  await traffic(life, log, 50);
  const off = { ...PIPELINE, enabled: false };
  const changes = [[MOVED], [off], [], [PIPELINE, OTHER], [MOVED, OTHER]].map((each) =>
    life.router.apply(each),
  );
  await life.clock.pass(10_000);
  await Promise.all(changes);
  const old = sentTo(life, HOOK).length;
  await traffic(life, log, 100);
  await life.clock.pass(10_000);
  expect(sentTo(life, HOOK)).toHaveLength(old);
  expect(laneOf(life, 'p')).toMatchObject({ delivered: log.head(), window: 0, held: 0 });
  expect(laneOf(life, 'q')?.delivered).toBeGreaterThanOrEqual(100);
});

test('a change that cannot be made says of each pipeline why, and neither undoes the others nor stops later ones', async () => {
  const log = new MemoryLog();
  const life = live({ log });
  const wrong = { ...OTHER, id: 'wrong', name: 'Wrong', connection: { urls: ['no URL'] } };
  const unknown = { ...OTHER, id: 'unknown', name: 'Unknown', destination: 'nowhere' };
  for (let times = 0; times < 2; times += 1)
    await expect(life.router.apply([wrong, PIPELINE, unknown, OTHER])).rejects.toThrow(
      /Wrong: connection\.urls\[0\] .*; Unknown: no destination nowhere/,
    );
  await traffic(life, log, 100);
  await life.clock.pass(1_000);
  expect(laneOf(life, 'p')?.delivered).toBe(log.head());
  expect(laneOf(life, 'q')?.delivered).toBe(log.head());
  await life.router.apply([MOVED]);
  log.accept('s', 'u', 'last', { now: 0 });
  await life.clock.pass(1_000);
  expect(life.sender.arrivals.at(-1)).toMatchObject({ url: NEW, messageId: 'last' });
});

test('where the log ends is looked up once for all new pipelines, and not at all when none is new', async () => {
  const log = new MemoryLog();
  const life = live({ log });
  const placeAt = log.placeAt.bind(log);
  let asked = 0;
  log.placeAt = (partition, time) => {
    asked += 1;
    return placeAt(partition, time);
  };
  await life.router.apply([MOVED]);
  expect(asked).toBe(0);
  await life.router.apply([MOVED, OTHER, { ...OTHER, id: 'another' }]);
  expect(asked).toBe(1);
});

test('a filter that is changed holds for what comes after, and a failing event goes the new way', async () => {
  const log = new MemoryLog();
  let isDown = true;
  const script: Script = ({ url }) => ({ outcome: isDown && url === HOOK ? RETRY : DELIVERED, afterMs: 1 });
  const life = live({ log, script });
  log.accept('s', 'a', 'fails', { now: 0 });
  await life.clock.pass(1_000);
  expect(laneOf(life, 'p')).toMatchObject({ held: 1 });
  const change = life.router.apply([{ ...MOVED, filter: [{ name: 'no b', drop: 'userId = "b"' }] }]);
  await life.clock.pass(10);
  await change;
  isDown = false;
  log.accept('s', 'b', 'unwanted', { now: 0 });
  await life.clock.pass(HOUR);
  expect(life.sender.delivered()).toEqual(['fails']);
  expect(laneOf(life, 'p')?.filtered).toEqual(new Map([['filter: no b', 1]]));
});

test('a pipeline that cannot be used at a start is reported, and the others run', async () => {
  const log = new MemoryLog();
  const unusable: Pipeline = { ...OTHER, name: 'Old', destination: 'gone' };
  const life = live({ log, pipelines: [unusable, PIPELINE] });
  await traffic(life, log, 50);
  await life.clock.pass(1_000);
  expect(laneOf(life, 'p')).toMatchObject({ delivered: log.head(), window: 0 });
  expect(life.reports).toEqual([
    ['error', expect.stringContaining('stand still'), { reason: expect.stringContaining('Old: ') }],
  ]);
  expect(life.failures).toEqual([]);
  await applied(life, log, [OTHER, PIPELINE]);
  await life.clock.pass(1_000);
  expect(laneOf(life, 'q')).toMatchObject({ window: 0, delivered: log.head() });
});
