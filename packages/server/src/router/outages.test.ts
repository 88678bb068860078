import { expect, test } from 'vitest';
import type { Outcome } from '../delivery/outcome.ts';
import {
  DELIVERED,
  fail,
  HOUR,
  live,
  logOf,
  MISCONFIGURED,
  PIPELINE,
  REJECTED,
  RETRY,
  taken,
  users,
} from './router.fixture.ts';

const DAY = 24 * HOUR;
/** When the clock of the first life begins, in milliseconds since 1970. */
const START = 1_772_355_600_000;

/** A life with a receiver whose answer can be changed, and an event of each of so many users. */
function lifeOf(count: number, answer: Outcome, more: Partial<Parameters<typeof live>[0]> = {}) {
  const log = more.log ?? logOf(users(count));
  const receiver = { answer };
  const script = () => ({ outcome: receiver.answer, afterMs: 1_000 });
  const life = live({ log, script, now: START, ...more });
  return { ...life, log, receiver, script, outage: () => life.router.outages.all()[0] };
}

/** As when the process is killed: nothing that was not committed by now is kept. */
function next(
  { log, script, clock }: ReturnType<typeof lifeOf>,
  more: Partial<Parameters<typeof live>[0]> = {},
) {
  clock.stop();
  const life = live({ log, script, now: clock.now(), ...more });
  return { ...life, outage: () => life.router.outages.all()[0] };
}

test('an outage lasts since the first attempt that failed, to the millisecond, and says why the last one did', async () => {
  const life = lifeOf(200, RETRY);
  await taken(life, 200);
  expect(life.outage()).toBeUndefined();
  await life.clock.pass(3 * HOUR);
  expect(life.ledger().trouble).toBe('failing');
  const last = life.sender.arrivals.findLast(({ at }) => at + 1_000 <= life.clock.monotonic());
  expect(life.router.outages.all()).toEqual([
    { pipeline: 'p', since: START + 1_000, lastAt: START + (last?.at ?? 0) + 1_000, reason: 'HTTP 503' },
  ]);
});

test('one event that is never taken is an outage while no other is', async () => {
  const life = lifeOf(1, RETRY);
  await life.clock.pass(DAY);
  expect(life.outage()).toMatchObject({ since: START + 1_000 });
  life.log.accept('s', 'another', 'another', { now: 0 });
  life.receiver.answer = DELIVERED;
  await life.clock.pass(2_000);
  expect(life.outage()).toBeUndefined();
});

test('one success ends it, and the next failure begins a new one', async () => {
  const life = lifeOf(200, RETRY);
  await life.clock.pass(2 * HOUR);
  life.receiver.answer = DELIVERED;
  await life.clock.pass(HOUR);
  expect(life.outage()).toBeUndefined();
  life.receiver.answer = RETRY;
  life.log.accept('s', 'late', 'late', { now: 0 });
  await life.clock.pass(HOUR);
  expect(life.outage()).toMatchObject({ since: START + 3 * HOUR + 1_000 });
});

test('an event that is refused for good shows that the destination works', async () => {
  const life = lifeOf(200, REJECTED);
  await life.clock.pass(HOUR);
  expect(life.ledger()).toMatchObject({ dead: 200 });
  expect(life.outage()).toBeUndefined();
});

test('a pause because of wrong credentials is told apart, from when it began', async () => {
  const life = lifeOf(1, RETRY);
  await life.clock.pass(20_000);
  life.receiver.answer = MISCONFIGURED;
  await life.clock.pass(HOUR);
  expect(life.ledger().trouble).toBe('refused');
  const first = life.sender.arrivals.find(({ outcome }) => outcome === 'misconfigured') ?? fail('none');
  const refusedSince = START + first.at + 1_000;
  expect(life.outage()).toMatchObject({ since: START + 1_000, refusedSince, reason: 'HTTP 401' });
});

test('a replay says nothing of its pipeline, neither when it fails nor when it succeeds', async () => {
  const life = lifeOf(3, DELIVERED);
  await life.clock.pass(HOUR);
  life.receiver.answer = RETRY;
  life.router.replay({ pipeline: 'p', from: 0, until: Number.MAX_SAFE_INTEGER });
  await life.clock.pass(HOUR);
  expect(life.sender.arrivals.some(({ replay }) => replay)).toBe(true);
  expect(life.outage()).toBeUndefined();
});

test('it outlives restarts and kills: with its beginning, and with its end', async () => {
  const first = lifeOf(200, RETRY);
  await first.clock.pass(10 * HOUR);
  const known = first.outage();
  const second = next(first);
  // Before any attempt, so that nobody takes the pipeline for a healthy one meanwhile.
  expect(second.outage()).toMatchObject({ since: known?.since, reason: 'HTTP 503' });
  await second.clock.pass(10 * HOUR);
  expect(second.outage()?.since).toBe(known?.since);
  expect(second.outage()?.lastAt).toBeGreaterThan(START + 19.9 * HOUR);
  first.receiver.answer = DELIVERED;
  await second.clock.pass(120_000);
  expect(second.ledger()).toMatchObject({ delivered: 200 });
  second.clock.stop();
  const third = live({ log: first.log, script: first.script, now: second.clock.now() });
  expect(third.router.outages.all()).toEqual([]);
});

test('a pipeline that was switched off has it behind it when it is switched on again, one that was changed has not', async () => {
  const life = lifeOf(200, RETRY);
  await life.clock.pass(10 * HOUR);
  const apply = async (change: Partial<typeof PIPELINE>) => {
    const applied = life.router.apply([{ ...PIPELINE, ...change }]);
    await life.clock.pass(5_000);
    await applied;
  };
  await apply({ name: 'Another name' });
  await life.clock.pass(HOUR);
  expect(life.outage()?.since).toBe(START + 1_000);
  await apply({ enabled: false });
  expect(life.outage()).toBeUndefined();
  await apply({ enabled: true });
  await life.clock.pass(HOUR);
  expect(life.outage()?.since).toBeGreaterThan(START + 11 * HOUR);
});

test('one that was switched off while nothing ran has it behind it as well', async () => {
  const first = lifeOf(200, RETRY);
  await first.clock.pass(HOUR);
  const off = next(first, { pipelines: [{ ...PIPELINE, enabled: false }] });
  expect(off.router.outages.all()).toEqual([]);
  await off.router.stop();
  expect(next(first).router.outages.all()).toEqual([]);
});

test.each([
  ['goes on after a silence of almost two days', 2 * DAY - HOUR, true],
  ['is over after a longer one', 2 * DAY + HOUR, false],
  ['is over when the clock was set back by as much', -2 * DAY - HOUR, false],
])('what %s', async (_, awayMs, isSame) => {
  const first = lifeOf(200, RETRY);
  await first.clock.pass(10 * HOUR);
  first.clock.stop();
  const now = first.clock.now() + awayMs;
  const later = live({ log: first.log, script: first.script, now });
  await later.clock.pass(HOUR);
  expect(later.router.outages.all()[0]?.since).toBe(isSame ? START + 1_000 : now + 1_000);
});
