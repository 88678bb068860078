import { expect, test } from 'vitest';
import { MemoryLog } from '../memory-log.ts';
import { DELIVERED, HOUR, live, PIPELINE, RETRY, stored, taken, users } from '../router.fixture.ts';
import type { Script } from '../scripted-sender.ts';
import { PARKED_MAX, WINDOW_MAX } from './window.ts';

/** Adds so many events of these users in turn, whose message ids go on from those before. */
function accept(log: MemoryLog, count: number, of: readonly string[]): void {
  for (let added = 0; added < count; added += 1)
    log.accept('s', of[added % of.length] ?? '', `${log.head()}`, { now: 0 });
}

/** A log that counts how often single records were read again. */
class RereadLog extends MemoryLog {
  rereads = 0;

  override at(partition: number, position: number) {
    this.rereads += 1;
    return super.at(partition, position);
  }
}

/** Only the bad user's events fail. */
function failing(user: string) {
  const state = { isDown: true };
  const script: Script = (sent) => ({
    outcome: state.isDown && sent.user === user ? RETRY : DELIVERED,
    afterMs: 1,
  });
  return { state, script };
}

test('a user whose events fail waits as rows, and 30,000 events of others are delivered at once', async () => {
  const log = new RereadLog();
  const { state, script } = failing('bad');
  const { clock, sender, ledger } = live({ log, script });
  accept(log, 50, ['bad']);
  const others = users(300);
  for (let part = 0; part < 30; part += 1) {
    accept(log, 1_000, others);
    accept(log, 5, ['bad']);
    await clock.pass(1_000);
    expect(ledger()).toMatchObject({ delivered: (part + 1) * 1_000, held: 50 + (part + 1) * 5, window: 0 });
    expect(stored().progress?.position).toBe(log.head());
  }
  expect(stored().parked).toHaveLength(200);
  expect(stored().parked.every(({ event }) => event === undefined)).toBe(true);
  await clock.pass(23 * HOUR);
  expect(ledger()).toMatchObject({ held: 200, dead: 0 });
  // Their content was read again for each attempt, and at no other time.
  expect(log.rereads).toBe(sender.arrivals.filter(({ user }) => user === 'bad').length - 1);
  state.isDown = false;
  await clock.pass(4 * HOUR);
  const got = sender.arrivals.filter(({ user, outcome }) => user === 'bad' && outcome === 'delivered');
  const places = got.map(({ messageId }) => Number(messageId));
  expect(places).toHaveLength(200);
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  expect(ledger()).toMatchObject({ delivered: 30_200, held: 0, dead: 0 });
  expect(stored().parked).toEqual([]);
});

test('so many parked events are enough: the lane waits, and goes on when there are fewer', async () => {
  const log = new MemoryLog();
  accept(log, PARKED_MAX + 3_000, ['bad']);
  accept(log, 100, users(100));
  const { state, script } = failing('bad');
  const { clock, ledger } = live({ log, script });
  for (let turns = 0; turns < 4_000; turns += 1) await clock.pass(1);
  const { held, window, delivered } = ledger();
  expect(held).toBeGreaterThanOrEqual(PARKED_MAX);
  expect(held + window).toBeLessThan(PARKED_MAX + 100);
  expect(delivered).toBe(0);
  state.isDown = false;
  await clock.pass(2 * HOUR);
  expect(ledger()).toMatchObject({ delivered: PARKED_MAX + 3_100, held: 0, window: 0, dead: 0 });
}, 30_000);

test('an attempt that hangs, with thousands of its user behind it, does not hold up 20,000 events of others', async () => {
  const log = new MemoryLog();
  const behind = 3_000;
  accept(log, 1 + behind, ['hangs']);
  accept(log, 2 * WINDOW_MAX, users(500));
  let isFirst = true;
  const script: Script = ({ user }) => {
    const afterMs = user === 'hangs' && isFirst ? 15_000 : 1;
    isFirst &&= user !== 'hangs';
    return { outcome: DELIVERED, afterMs };
  };
  const { clock, sender, ledger } = live({ log, script });
  for (let turns = 0; turns < 6_000; turns += 1) await clock.pass(2);
  expect(ledger().delivered).toBe(2 * WINDOW_MAX);
  expect(stored().progress?.position).toBe(log.head());
  await clock.pass(HOUR);
  expect(ledger()).toMatchObject({ delivered: log.head(), held: 0, window: 0 });
  const got = sender.arrivals
    .filter(({ user }) => user === 'hangs')
    .map(({ messageId }) => Number(messageId));
  expect(got).toEqual(Array.from({ length: 1 + behind }, (_, place) => place));
});

test('a parked event whose record is gone is a dead letter for that reason, and its user goes on', async () => {
  const log = new MemoryLog();
  accept(log, 4, ['bad']);
  const { state, script } = failing('bad');
  const { clock, sender, ledger } = live({ log, script });
  await clock.pass(1_000);
  expect(ledger()).toMatchObject({ held: 4 });
  log.dropBefore(1);
  log.damage(2);
  state.isDown = false;
  await clock.pass(HOUR);
  expect(ledger()).toMatchObject({ dead: 2, delivered: 2, held: 0 });
  expect(sender.delivered()).toEqual(['1', '3']);
  expect(stored().deadLetters.map(({ reason, messageId, state: kind }) => [reason, messageId, kind])).toEqual(
    [
      ['expired', '0', 'lost'],
      ['damaged', '2', 'lost'],
    ],
  );
});

test('events that were dropped by age before the lane came to them are one dead range', async () => {
  const log = new MemoryLog();
  accept(log, 100, users(100));
  log.dropBefore(60);
  const life = live({ log });
  await taken(life, 100);
  await life.clock.pass(1_000);
  expect(life.ledger()).toMatchObject({ delivered: 40, dead: 60, window: 0 });
  expect(stored().deadLetters).toMatchObject([{ reason: 'expired', count: 60 }]);
});

test('events that were dropped by age are a dead range also when none comes after them', async () => {
  const log = new MemoryLog();
  accept(log, 100, users(100));
  const failing = live({ log, script: () => ({ outcome: RETRY, afterMs: 1 }) });
  await failing.clock.pass(1_000);
  await failing.router.stop();
  log.dropBefore(100);
  const life = live({ log });
  await life.clock.pass(10_000);
  expect(life.ledger()).toMatchObject({ sequence: 100, dead: 100, held: 0, window: 0 });
  const counts = stored().deadLetters.map(({ reason, count }) => (reason === 'expired' ? count : 0));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(100);
});

test('what was dropped by age while a pipeline was off is a dead range when it is on again', async () => {
  const log = new MemoryLog();
  accept(log, 100, users(100));
  const life = live({ log, pipelines: [{ ...PIPELINE, enabled: false }] });
  await taken(life, 100);
  log.dropBefore(100);
  const applied = life.router.apply([PIPELINE]);
  await life.clock.pass(10_000);
  await applied;
  expect(life.ledger()).toMatchObject({ sequence: 100, dead: 100, window: 0 });
  expect(stored().deadLetters).toMatchObject([{ reason: 'expired', count: 100 }]);
});

test('a stop in the middle of it all sends nothing again that was delivered', async () => {
  const log = new MemoryLog();
  accept(log, 50, ['hangs', ...users(9)]);
  const script: Script = ({ user }) => ({ outcome: DELIVERED, afterMs: user === 'hangs' ? 14_000 : 1 });
  const first = live({ log, script });
  await first.clock.pass(1_000);
  expect(first.ledger().delivered).toBe(45);
  const stopped = first.router.stop();
  await first.clock.pass(6_000);
  await stopped;
  const { clock, sender, ledger } = live({ log });
  await clock.pass(1_000);
  expect(sender.arrivals.every(({ user }) => user === 'hangs')).toBe(true);
  expect(ledger()).toMatchObject({ delivered: 50, held: 0 });
});
