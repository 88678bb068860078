import { expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { Exchange } from './exchange.ts';
import type { Outcome } from './outcome.ts';
import { UnderWay } from './under-way.ts';

const LATE: Outcome = { kind: 'retry', reason: 'no complete answer within 15 s' };
const BROKEN_OFF: Outcome = { kind: 'retry', reason: 'broken off: the pipeline stops or changes' };

function start() {
  const clock = new VirtualClock();
  const underWay = new UnderWay(clock);
  /** An exchange, what came of it, and how many were over when its connection was closed. */
  const begun: { exchange: Exchange; outcome?: Outcome; overAtClose?: number }[] = [];
  const begin = () => {
    const options = { method: 'POST', request: '', outcomes: {}, wholeAnswer: false };
    const exchange = new Exchange(clock, options, (outcome) => {
      underWay.end(exchange);
      one.outcome = outcome;
    });
    const one: (typeof begun)[number] = { exchange };
    exchange.carrier = {
      close() {
        one.overAtClose ??= begun.filter((other) => other.exchange.isOver).length;
      },
    };
    begun.push(one);
    underWay.begin(exchange);
    return one;
  };
  return { clock, underWay, begun, begin };
}

test('each falls due 15 s after it began, to the millisecond, and one timer is enough', async () => {
  const { clock, begin } = start();
  const first = begin();
  await clock.pass(4_000);
  const [second, third] = [begin(), begin()];
  expect(clock.waiting).toBe(1);
  await clock.pass(10_999);
  expect(first.outcome).toBeUndefined();
  await clock.pass(1);
  expect([first.outcome, second.outcome]).toEqual([LATE, undefined]);
  third.exchange.answered({ status: 200, answer: '' });
  await clock.pass(3_999);
  expect(second.outcome).toBeUndefined();
  await clock.pass(1);
  expect([second.outcome, second.overAtClose]).toEqual([LATE, 3]);
  expect([third.outcome, third.overAtClose]).toEqual([{ kind: 'delivered', status: 200 }, undefined]);
  expect(clock.waiting).toBe(0);
});

test('those that are broken off settle before the first connection is closed, so that none takes its place', async () => {
  const { clock, underWay, begun, begin } = start();
  for (let number = 0; number < 3; number += 1) begin();
  underWay.close();
  expect(begun.map(({ outcome, overAtClose }) => [outcome, overAtClose])).toEqual(
    begun.map(() => [BROKEN_OFF, 3]),
  );
  expect(begin().outcome).toEqual(BROKEN_OFF);
  expect(clock.waiting).toBe(0);
});
