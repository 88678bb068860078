import { expect, test } from 'vitest';
import type { HourCount } from '../activity/event-views.ts';
import { MemoryLog } from './memory-log.ts';
import { DELIVERED, HOUR, live, PIPELINE, REJECTED, stateFile } from './router.fixture.ts';
import type { Router } from './router.ts';
import { DeliveryState } from './state/delivery-state.ts';

/** The beginning of an hour, and of a day of UTC. */
const MIDNIGHT = 1_772_323_200_000;
const DAY = 24 * HOUR;

/** All counts of a source, one text each. */
function told(router: Router, wish: { source?: string; step?: number; from?: number; until?: number } = {}) {
  const { source = 's', step = 1, from = MIDNIGHT - DAY, until = MIDNIGHT + 2 * DAY } = wish;
  return router.counts.of({ source, step, from, until }).map(lineOf).toSorted();
}

function lineOf({ at, pipeline = 'source', type = '', outcome, reason = '', count }: HourCount): string {
  return `${(at - MIDNIGHT) / HOUR}h ${pipeline} ${type}${reason} ${outcome} ${count}`;
}

function eventOf(type: string, messageId: string): string {
  const ofType = { event: 'Seen', groupId: 'g', previousId: 'p', type, messageId };
  return JSON.stringify({ timestamp: '', receivedAt: '', userId: 'u', ...ofType });
}

/** A log with so many events of each type, received so long after midnight. */
function logWith(events: readonly (readonly [type: string, afterMs: number])[]): MemoryLog {
  const log = new MemoryLog();
  for (const [number, [type, afterMs]] of events.entries())
    log.accept('s', `u${number}`, `${number}`, {
      now: MIDNIGHT + afterMs,
      bytes: eventOf(type, `${number}`),
    });
  return log;
}

test('events are counted in the hour in which they were received, by type and by what came of them', async () => {
  const log = logWith([
    ['track', 0],
    ['track', HOUR - 1],
    ['page', HOUR - 1],
    ['track', HOUR],
    ['identify', HOUR],
  ]);
  log.accept('s', 'u0', '0', { now: MIDNIGHT + HOUR, bytes: eventOf('track', '0') });
  log.accept('s', 'u', 'broken', { now: MIDNIGHT, bytes: '{}' });
  const pipeline = { ...PIPELINE, filter: [{ name: 'no pages', drop: 'type = "page"' }] };
  const script = ({ messageId }: { messageId: string }) => ({
    outcome: messageId === '3' ? REJECTED : DELIVERED,
    afterMs: 1,
  });
  const { router, clock } = live({ log, pipelines: [pipeline], script });
  await clock.pass(1_000);
  const all = [
    '0h p page filtered 1',
    '0h p track delivered 2',
    '0h p unknown dead 1',
    '0h source page accepted 1',
    '0h source track accepted 2',
    '0h source unknown accepted 1',
    '1h p identify delivered 1',
    '1h p track dead 1',
    '1h source identify accepted 1',
    '1h source track accepted 1',
    '1h source track duplicate 1',
  ];
  expect(told(router)).toEqual(all);
  expect(told(router, { from: MIDNIGHT + HOUR + 1, until: MIDNIGHT + HOUR + 2 })).toEqual(all.slice(6));
  expect(told(router, { from: MIDNIGHT, until: MIDNIGHT + HOUR })).toEqual(all.slice(0, 6));
  expect(told(router, { step: 24 }).filter((line) => line.includes('delivered'))).toEqual([
    '0h p identify delivered 1',
    '0h p track delivered 2',
  ]);
  expect(told(router, { source: 'other' })).toEqual([]);
});

test('what is not committed yet is counted too, behind an event that hangs as well', async () => {
  const log = logWith([
    ['track', 0],
    ['track', 0],
  ]);
  const script = ({ messageId }: { messageId: string }) => ({
    outcome: DELIVERED,
    afterMs: messageId === '0' ? 50_000 : 1,
  });
  const { router, clock } = live({ log, script });
  await clock.pass(10);
  expect(told(router)).toEqual(['0h p track delivered 1', '0h source track accepted 2']);
  await clock.pass(1_000);
  expect(told(router)).toEqual(['0h p track delivered 1', '0h source track accepted 2']);
});

test('counts go on where they were after a restart, and through a crash count nothing twice', async () => {
  const log = logWith(Array.from({ length: 20 }, () => ['track', 0] as const));
  const first = live({ log });
  await first.clock.pass(1_000);
  for (const id of ['20', '21']) log.accept('s', id, id, { now: MIDNIGHT, bytes: eventOf('track', id) });
  // Delivered, and not committed when the process ends.
  await first.clock.pass(5);
  expect(told(first.router)).toEqual(['0h p track delivered 22', '0h source track accepted 22']);
  const { router, clock } = live({ log });
  await clock.pass(1_000);
  expect(told(router)).toEqual(['0h p track delivered 22', '0h source track accepted 22']);
});

test('a dead letter that is redelivered is dead no longer, and delivered in the hour in which it came', async () => {
  const log = logWith([['track', 0]]);
  let outcome = REJECTED;
  const { router, clock } = live({ log, script: () => ({ outcome, afterMs: 1 }), now: MIDNIGHT + 5 * HOUR });
  await clock.pass(1_000);
  router.redeliver({ pipeline: 'p' });
  await clock.pass(1_000);
  expect(told(router)).toEqual(['0h p track dead 1', '0h source track accepted 1']);
  outcome = DELIVERED;
  router.redeliver({ pipeline: 'p' });
  await clock.pass(1_000);
  expect(told(router)).toEqual(['0h p track delivered 1', '0h source track accepted 1']);
});

test('a replay counts nothing a second time', async () => {
  const log = logWith([['track', 0]]);
  const { router, clock, sender } = live({ log, now: MIDNIGHT });
  await clock.pass(1_000);
  router.replay({ pipeline: 'p', from: MIDNIGHT, until: MIDNIGHT + HOUR });
  await clock.pass(1_000);
  expect(sender.delivered()).toEqual(['0', '0']);
  expect(told(router)).toEqual(['0h p track delivered 1', '0h source track accepted 1']);
});

test('events that the log has lost are counted as accepted and as dead, and nobody says what they were', async () => {
  const log = logWith(Array.from({ length: 5 }, () => ['track', 0] as const));
  log.damage(2);
  log.damage(3);
  const { router, clock } = live({ log, now: MIDNIGHT });
  await clock.pass(1_000);
  expect(told(router)).toEqual([
    '0h p track delivered 3',
    '0h p unknown dead 2',
    '0h source track accepted 3',
    '0h source unknown accepted 2',
  ]);
});

test('what passes while a source has no pipeline is not taken for lost when it has one again', async () => {
  const log = logWith([['track', 0]]);
  const { router, clock } = live({ log, now: MIDNIGHT });
  await clock.pass(1_000);
  const elsewhere = { ...PIPELINE, id: 'o', source: 'other' };
  const gone = router.apply([elsewhere]);
  await clock.pass(10_000);
  await gone;
  for (const id of ['a', 'b']) log.accept('s', id, id, { now: MIDNIGHT, bytes: eventOf('track', id) });
  log.accept('other', 'u', 'c', { now: MIDNIGHT });
  await clock.pass(10_000);
  const changed = router.apply([elsewhere, { ...PIPELINE, id: 'q' }]);
  await clock.pass(10_000);
  await changed;
  log.accept('s', 'd', 'd', { now: MIDNIGHT, bytes: eventOf('track', 'd') });
  await clock.pass(10_000);
  expect(told(router).filter((line) => line.includes('unknown'))).toEqual([]);
});

test('what the door has counted is not counted again when the source gets its first pipeline', async () => {
  const log = logWith([['track', 0]]);
  const { router, clock } = live({ log, pipelines: [], now: MIDNIGHT });
  await clock.pass(10_000);
  router.counts.takeFromDoor([{ source: 's', hour: MIDNIGHT / HOUR, count: 1 }]);
  const changed = router.apply([PIPELINE]);
  await clock.pass(10_000);
  await changed;
  log.accept('s', 'u', 'second', { now: MIDNIGHT, bytes: eventOf('page', 'second') });
  await clock.pass(10_000);
  expect(told(router)).toEqual([
    '0h p page delivered 1',
    '0h source page accepted 1',
    '0h source unknown accepted 1',
  ]);
});

test('the door tells what it refused, and what it accepted where no lane reads it, by type', async () => {
  const { router, clock } = live({ log: new MemoryLog() });
  const hour = MIDNIGHT / HOUR;
  for (let time = 0; time < 2; time += 1) {
    router.counts.takeFromDoor([
      { source: 's', hour, reason: 'invalid_event', count: 3 },
      { source: 's', hour, type: 'track', count: 10 },
      { source: 'other', hour, type: 'page', count: 7 },
      { source: 'other', hour, type: 'custom', count: 1 },
      { source: 'other', hour, type: 'new', count: 1 },
    ]);
  }
  await clock.pass(1_000);
  expect(told(router)).toEqual(['0h source invalid_event rejected 6']);
  expect(told(router, { source: 'other' })).toEqual([
    '0h source custom accepted 2',
    '0h source page accepted 14',
    '0h source unknown accepted 2',
  ]);
});

test('too many steps are refused', () => {
  const { router } = live({ log: new MemoryLog() });
  expect(() => told(router, { until: MIDNIGHT + 365 * DAY })).toThrow('ask for fewer, or for longer ones');
  expect(told(router, { until: MIDNIGHT + 365 * DAY, step: 24 })).toEqual([]);
});

test('counts are kept for 13 months, and no longer', async () => {
  const log = logWith([['track', 0]]);
  const first = live({ log, now: MIDNIGHT });
  first.router.counts.takeFromDoor([{ source: 's', hour: MIDNIGHT / HOUR, reason: 'over_rate', count: 1 }]);
  await first.clock.pass(1_000);
  await first.router.stop();
  const rows = () => {
    const state = new DeliveryState(stateFile());
    const found = state.counts.sums('s', 0, 10_000_000, 1).length;
    state.close();
    return found;
  };
  const kept = live({ log, now: MIDNIGHT + 13 * 31 * DAY });
  await kept.router.stop();
  expect(rows()).toBe(3);
  const trimmed = live({ log, now: MIDNIGHT + 13 * 31 * DAY + HOUR });
  await trimmed.router.stop();
  expect(rows()).toBe(0);
});
