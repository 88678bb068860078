import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../platform/virtual-clock.ts';
import { Breaker } from './breaker.ts';

/** A breaker, and the times in milliseconds at which it allowed a probe. */
function breakerAt(random = () => 0.5) {
  const clock = new VirtualClock();
  const probes: number[] = [];
  const breaker: Breaker = new Breaker({
    clock,
    random,
    onProbe: () => {
      probes.push(clock.monotonic());
      // It fails at once.
      breaker.failed('u0');
      breaker.probeLater();
    },
  });
  return { clock, breaker, probes };
}

/** So many attempts that fail, for so many users in turn. */
function fail(breaker: Breaker, attempts: number, users: number): void {
  for (let made = 0; made < attempts; made += 1) breaker.failed(`u${made % users}`);
}

function succeed(breaker: Breaker, attempts: number): void {
  for (let made = 0; made < attempts; made += 1) breaker.succeeded();
}

describe('it opens', () => {
  test('when over half of the last attempts fail, of 20 at least, for 5 users at least', () => {
    const troubleAfter = (failed: number, users: number, succeeded: number) => {
      const { breaker } = breakerAt();
      succeed(breaker, succeeded);
      fail(breaker, failed, users);
      return breaker.trouble;
    };
    expect(troubleAfter(20, 5, 0)).toBe('failing');
    expect(troubleAfter(19, 5, 0)).toBeUndefined();
    expect(troubleAfter(1_000, 4, 0)).toBeUndefined();
    expect(troubleAfter(10, 10, 10)).toBeUndefined();
    expect(troubleAfter(11, 11, 10)).toBe('failing');
  });

  test('also after long success: only the last 100 attempts count', () => {
    const { breaker } = breakerAt();
    succeed(breaker, 10_000);
    fail(breaker, 50, 50);
    expect(breaker.trouble).toBeUndefined();
    fail(breaker, 1, 1);
    expect(breaker.trouble).toBe('failing');
  });

  test('at once when the destination refuses the pipeline', () => {
    const { breaker } = breakerAt();
    breaker.refused('u');
    expect(breaker.trouble).toBe('refused');
  });

  test('when it refuses most events, not when it refuses one among many that it takes', () => {
    const { breaker } = breakerAt();
    succeed(breaker, 1_000);
    for (let refused = 0; refused < 50; refused += 1) expect(breaker.refused('u')).toBe(false);
    expect(breaker.refused('u')).toBe(true);
    // What it took before still counts when it takes events again.
    succeed(breaker, 60);
    expect(breaker.refused('u')).toBe(false);
  });

  test('when errors of our own are in the way of over half of 200 events, whatever it waits for already', () => {
    const { breaker } = breakerAt();
    breaker.refused('u');
    for (let planned = 0; planned < 200; planned += 1) breaker.planned(planned % 2 === 0);
    expect(breaker.trouble).toBe('refused');
    breaker.planned(true);
    breaker.planned(true);
    expect(breaker.trouble).toBe('broken');
  });
});

describe('while it is open', () => {
  test('probes come after 1 s, then after twice as long each time, up to a minute, each ± 20 %', async () => {
    for (const [random, stretch] of [
      [() => 0, 0.8],
      [() => 0.5, 1],
      [() => 1 - 1e-12, 1.2],
    ] as const) {
      const { clock, breaker, probes } = breakerAt(random);
      fail(breaker, 20, 5);
      breaker.probeLater();
      await clock.pass(400_000);
      const waits = probes.map((at, place) => at - (probes[place - 1] ?? 0));
      const wanted = [1, 2, 4, 8, 16, 32, 64, 128].map((s) => Math.min(s * 1_000 * stretch, 60_000));
      for (const [place, wait] of wanted.entries()) expect(waits[place]).toBeCloseTo(wait, 3);
    }
  });

  test('no probe comes before the end of the pause that the receiver asked for', async () => {
    const { clock, breaker, probes } = breakerAt();
    fail(breaker, 19, 5);
    breaker.failed('u9', 90_000);
    breaker.probeLater();
    breaker.probeLater();
    await clock.pass(89_999);
    expect(probes).toEqual([]);
    await clock.pass(1);
    expect(probes).toEqual([90_000]);
  });

  test('a pause that the receiver asked for before it took events again delays no probe', async () => {
    const { clock, breaker, probes } = breakerAt();
    breaker.failed('u9', 3_600_000);
    breaker.succeeded();
    fail(breaker, 20, 5);
    breaker.probeLater();
    await clock.pass(1_000);
    expect(probes).toEqual([1_000]);
  });

  test('its clock stands still, and goes on where it stood', async () => {
    const { clock, breaker } = breakerAt();
    await clock.pass(1_000);
    breaker.refused('u');
    await clock.pass(3_600_000);
    expect(breaker.activeMs()).toBe(1_000);
    expect(breaker.succeeded()).toBe(true);
    await clock.pass(500);
    expect(breaker.activeMs()).toBe(1_500);
  });
});

test('the first success closes it, and what was before counts no more', () => {
  const { breaker } = breakerAt();
  fail(breaker, 20, 5);
  expect([breaker.succeeded(), breaker.trouble]).toEqual([true, undefined]);
  fail(breaker, 19, 5);
  expect(breaker.trouble).toBeUndefined();
});

test('a success closes nothing where an error of our own is the trouble, and nothing is tried', async () => {
  const { clock, breaker, probes } = breakerAt();
  for (let planned = 0; planned < 200; planned += 1) breaker.planned(true);
  expect([breaker.succeeded(), breaker.trouble]).toEqual([false, 'broken']);
  breaker.probeLater();
  await clock.pass(400_000);
  expect(probes).toEqual([]);
});
