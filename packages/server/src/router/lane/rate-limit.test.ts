import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../platform/virtual-clock.ts';
import { DELIVERED, live, logOf, PIPELINE } from '../router.fixture.ts';
import { RateLimit, RateLimits } from './rate-limit.ts';

const CUSTOMERIO = {
  ...PIPELINE,
  destination: 'customerio',
  connection: { siteId: 'site', apiKey: 'key' },
} as const;

/** The most that happened within any second, its end not counted. */
function mostInASecond(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let most = 0;
  for (let first = 0, next = 0; first < sorted.length; first += 1) {
    while ((sorted[next] ?? Number.POSITIVE_INFINITY) < (sorted[first] ?? 0) + 1_000) next += 1;
    most = Math.max(most, next - first);
  }
  return most;
}

test('no second holds more requests than the limit, whenever and however many together they are asked for', () => {
  const gap = fc.oneof({ arbitrary: fc.constant(0), weight: 9 }, fc.integer({ min: 0, max: 700 }));
  const gaps = fc.array(gap, { minLength: 1, maxLength: 200 });
  const sizes = fc.array(fc.nat(14), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 150 }), gaps, sizes, (limit, waits, sizesInTurn) => {
      let now = 0;
      const clock = { now: () => now, monotonic: () => now, after: () => () => {} };
      const rate = new RateLimit(clock, limit);
      const sent = waits.flatMap((wait, index) => {
        now += wait;
        const size = sizesInTurn[index % sizesInTurn.length] ?? 0;
        const requests = 1 + (size % Math.max(1, Math.floor(limit / 10)));
        // Timers drop fractions, so they come early.
        return Array<number>(requests).fill(now + Math.floor(rate.reserve(requests)));
      });
      expect(mostInASecond(sent)).toBeLessThanOrEqual(limit);
    }),
  );
});

test('a lane drives its destination at the declared rate, and no faster', async () => {
  const users = Array.from({ length: 1_000 }, (_, number) => `u${number}`);
  const { clock, sender, ledger } = live({ log: logOf(users), pipelines: [CUSTOMERIO] });
  for (let turns = 0; turns < 200; turns += 1) await clock.pass(0);
  await clock.pass(20_000);
  const times = sender.arrivals.map(({ at }) => at);
  expect(ledger()).toMatchObject({ delivered: 1_000, window: 0 });
  expect(mostInASecond(times)).toBeLessThanOrEqual(100);
  // A thousand requests at nine tenths of the rate.
  expect(Math.max(...times) - Math.min(...times)).toBeLessThan(11_200);
});

test('pipelines with the same credentials share one rate, and none of them starves', async () => {
  const users = Array.from({ length: 300 }, (_, number) => `u${number}`);
  const others = { ...CUSTOMERIO, connection: { ...CUSTOMERIO.connection, siteId: 'other' } };
  const { clock, router, sender } = live({
    log: logOf(users),
    pipelines: [CUSTOMERIO, { ...CUSTOMERIO, id: 'q' }, { ...others, id: 'r' }],
  });
  for (let turns = 0; turns < 100; turns += 1) await clock.pass(0);
  await clock.pass(2_500);
  const at = (pipelines: readonly string[]) =>
    sender.arrivals.filter(({ idempotencyKey: [id = ''] }) => pipelines.includes(id)).map((it) => it.at);
  expect(mostInASecond(at(['p', 'q']))).toBeLessThanOrEqual(100);
  expect(Math.abs(at(['p']).length - at(['q']).length)).toBeLessThan(20);
  expect(at(['r']).length).toBeGreaterThan(200);
  await clock.pass(60_000);
  expect(router.snapshot().lanes.map(({ delivered }) => delivered)).toEqual([300, 300, 300]);
});

test('when a receiver says that it got too much, nobody of that connection sends for as long as it asks', async () => {
  const tooMany = { kind: 'retry', reason: 'HTTP 429', status: 429, retryAfterMs: 30_000 } as const;
  let refusing = true;
  const { clock, sender, ledger } = live({
    log: logOf(Array.from({ length: 200 }, (_, number) => `u${number}`)),
    pipelines: [CUSTOMERIO],
    script: () => ({ outcome: refusing ? tooMany : DELIVERED, afterMs: 5 }),
  });
  for (let turns = 0; turns < 50; turns += 1) await clock.pass(0);
  await clock.pass(1_000);
  const before = sender.arrivals.length;
  // What was under way when the first refusal came, and the one that had its place already.
  expect(before).toBeLessThan(15);
  refusing = false;
  await clock.pass(28_900);
  expect(sender.arrivals.length).toBe(before);
  await clock.pass(30_000);
  expect(ledger()).toMatchObject({ delivered: 200, window: 0 });
});

test('credentials are the same however their settings are ordered, and only at the same destination', () => {
  const limits = new RateLimits(new VirtualClock());
  const one = limits.of('customerio', { siteId: 's', apiKey: 'k' }, 100);
  expect(limits.of('customerio', { apiKey: 'k', siteId: 's' }, 100)).toBe(one);
  expect(limits.of('customerio', { apiKey: 'k', siteId: 't' }, 100)).not.toBe(one);
  expect(limits.of('mixpanel', { siteId: 's', apiKey: 'k' }, 100)).not.toBe(one);
  expect(limits.of('webhooks', { siteId: 's', apiKey: 'k' }, undefined)).toBeUndefined();
});
