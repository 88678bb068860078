import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../../delivery/outcome.ts';
import { HOUR, live, logOf, RETRY, stateFile, stored } from '../router.fixture.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** From one attempt to the next, as the schedule has it. */
const WAITS = [
  5 * SECOND,
  25 * SECOND,
  90 * SECOND,
  3 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  4 * HOUR,
  4 * HOUR,
  4 * HOUR,
];
const DAY = 24 * HOUR;
const START = 1_772_355_600_000;

const down = (outcome: Outcome = RETRY) => ({ script: () => ({ outcome, afterMs: 1 }) });

/**
 * When attempts for one event were made, in milliseconds of time in which the process ran, through lives that each last
 * so long and end in a crash or a stop; and how much the clock was set between them.
 */
async function attemptsThrough(
  lives: readonly { readonly ms: number; readonly stops: boolean; readonly clockSetBy: number }[],
  random: () => number,
): Promise<readonly number[]> {
  for (const end of ['', '-wal', '-shm']) rmSync(`${stateFile()}${end}`, { force: true });
  const log = logOf(['a']);
  const at: number[] = [];
  let ran = 0;
  let now = START;
  for (const { ms, stops, clockSetBy } of [...lives, { ms: 3 * DAY, stops: false, clockSetBy: 0 }]) {
    const { clock, sender, router } = live({ log, random, now, ...down() });
    await clock.pass(ms);
    if (stops) await router.stop();
    at.push(...sender.arrivals.map((arrival) => ran + arrival.at));
    ran += ms;
    now += ms + clockSetBy;
  }
  return at;
}

const waitsOf = (at: readonly number[]) => at.slice(1).map((time, place) => time - (at[place] ?? 0));

test('each attempt comes in its time, ± 20 %, and the last one 24 hours after the first', async () => {
  for (const random of [() => 0, () => 0.5, () => 1 - 1e-9]) {
    const at = await attemptsThrough([], random);
    const waits = waitsOf(at);
    for (const [place, wait] of waits.slice(0, -1).entries())
      expect(wait / (WAITS[place] ?? 4 * HOUR)).toSatisfy((part: number) => part > 0.799 && part < 1.201);
    expect(Math.abs((at.at(-1) ?? 0) - DAY)).toBeLessThan(100);
    expect(stored().deadLetters).toMatchObject([{ attempts: at.length, reason: 'given up: HTTP 503' }]);
  }
});

test('a pause that the receiver asks for is never undercut, and stretched by 20 % at the most', async () => {
  const asked: Outcome = { kind: 'retry', reason: 'HTTP 429', status: 429, retryAfterMs: 40 * MINUTE };
  for (const random of [() => 0, () => 1 - 1e-9]) {
    for (const end of ['', '-wal', '-shm']) rmSync(`${stateFile()}${end}`, { force: true });
    const { clock, sender } = live({ log: logOf(['a']), random, ...down(asked) });
    await clock.pass(20 * HOUR);
    for (const wait of waitsOf(sender.arrivals.map(({ at }) => at)))
      expect(wait / (40 * MINUTE)).toSatisfy((part: number) => part >= 1 && part < 1.201);
  }
});

test('restarts at any time, stops or crashes, change nothing about when attempts come and when it ends', async () => {
  const life = fc.record({ ms: fc.nat({ max: 6 * HOUR }), stops: fc.boolean(), clockSetBy: fc.constant(0) });
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 12 }), async (lives) => {
      const at = await attemptsThrough(lives, () => 0.5);
      const waits = waitsOf(at);
      // A crash within the 100 ms before a row is durable makes an attempt again.
      const regular = waits.filter((wait) => wait > 200);
      for (const [place, wait] of regular.slice(0, -1).entries())
        expect(Math.abs(wait - (WAITS[place] ?? 4 * HOUR))).toBeLessThan(300);
      expect(Math.abs((at.at(-1) ?? 0) - DAY)).toBeLessThan(3_000);
      expect(stored().progress).toMatchObject({ dead: 1, held: 0 });
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('a clock that is set by an hour or ten years delays no attempt by more than its own wait, and loses nothing', async () => {
  const YEARS = 10 * 365 * DAY;
  for (const clockSetBy of [HOUR, -HOUR, YEARS, -YEARS]) {
    const lives = [{ ms: 3 * HOUR, stops: true, clockSetBy }];
    const at = await attemptsThrough(lives, () => 0.5);
    for (const [place, wait] of waitsOf(at).entries())
      expect(wait).toBeLessThanOrEqual(2 * (WAITS[place] ?? 4 * HOUR) + 300);
    expect(stored().progress).toMatchObject({ dead: 1, held: 0, delivered: 0 });
  }
});

test('a clock that is set while the process runs changes no wait', async () => {
  const { clock, sender } = live({ log: logOf(['a']), ...down() });
  await clock.pass(HOUR);
  clock.setForward(-10 * 365 * DAY);
  await clock.pass(HOUR);
  clock.setForward(20 * 365 * DAY);
  await clock.pass(30 * HOUR);
  for (const [place, wait] of waitsOf(sender.arrivals.map(({ at }) => at))
    .slice(0, -1)
    .entries())
    expect(Math.abs(wait - (WAITS[place] ?? 4 * HOUR))).toBeLessThan(100);
});
