import { expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { Gate } from './gate.ts';

/** A gate of 64 whose requests are answered after so many milliseconds, or never; and the most that were under way. */
function gateWith(answerMs: number | undefined) {
  const clock = new VirtualClock();
  const seen = { underWay: 0, most: 0, begun: 0 };
  const gate = new Gate(clock, 64, () => {
    seen.underWay += 1;
    seen.begun += 1;
    seen.most = Math.max(seen.most, seen.underWay);
    if (answerMs === undefined) return;
    clock.after(answerMs, () => {
      seen.underWay -= 1;
      gate.leave();
    });
  });
  return { clock, gate, seen, send: () => gate.enter({ isOver: false }) };
}

test('a burst for a receiver that answers at once needs few connections', async () => {
  const { clock, seen, send } = gateWith(0.2);
  for (let sent = 0; sent < 100; sent += 1) send();
  await clock.pass(1_000);
  expect(seen).toEqual({ underWay: 0, most: 8, begun: 100 });
});

test('a receiver whose answers take long soon has as many as it may have, and never more', async () => {
  const { clock, seen, send } = gateWith(100);
  for (let sent = 0; sent < 500; sent += 1) send();
  await clock.pass(120);
  expect(seen.underWay).toBe(64);
  await clock.pass(2_000);
  expect(seen).toEqual({ underWay: 0, most: 64, begun: 500 });
});

test('a receiver that never answers does not keep requests waiting for a place', async () => {
  const { clock, seen, send } = gateWith(undefined);
  for (let sent = 0; sent < 64; sent += 1) send();
  await clock.pass(120);
  expect(seen.begun).toBe(64);
});

test('after a pause it begins anew with few', async () => {
  const { clock, seen, send } = gateWith(100);
  for (let sent = 0; sent < 500; sent += 1) send();
  await clock.pass(60_000);
  seen.most = 0;
  for (let sent = 0; sent < 20; sent += 1) send();
  await clock.pass(5);
  expect(seen.most).toBe(8);
});

test('who waits longest goes first', () => {
  const begun: number[] = [];
  const gate = new Gate<{ isOver: boolean; number: number }>(new VirtualClock(), 64, ({ number }) =>
    begun.push(number),
  );
  for (let number = 0; number < 10; number += 1) gate.enter({ isOver: false, number });
  expect(begun).toHaveLength(8);
  gate.leave();
  gate.enter({ isOver: false, number: 10 });
  gate.leave();
  expect(begun.slice(8)).toEqual([8, 9]);
});

test('who is over while it waits does not go, and takes no place', () => {
  const begun: number[] = [];
  const gate = new Gate<{ isOver: boolean; number: number }>(new VirtualClock(), 1, ({ number }) =>
    begun.push(number),
  );
  const entrants = [0, 1, 2].map((number) => ({ isOver: false, number }));
  for (const entrant of entrants) gate.enter(entrant);
  for (const entrant of entrants.slice(1, 2)) entrant.isOver = true;
  gate.leave();
  expect(begun).toEqual([0, 2]);
});
