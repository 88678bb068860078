import { expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { Gate } from './gate.ts';

/** A gate of 64 whose requests are answered after so many milliseconds, or never; and the most that were under way. */
function gateWith(answerMs: number | undefined) {
  const clock = new VirtualClock();
  const gate = new Gate(clock, 64);
  const seen = { underWay: 0, most: 0, begun: 0 };
  const send = () =>
    gate.enter(() => {
      seen.underWay += 1;
      seen.begun += 1;
      seen.most = Math.max(seen.most, seen.underWay);
      if (answerMs === undefined) return;
      clock.after(answerMs, () => {
        seen.underWay -= 1;
        gate.leave();
      });
    });
  return { clock, gate, seen, send };
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

test('a request that comes while a place becomes free does not pass those that wait', async () => {
  const { clock, gate } = gateWith(undefined);
  const begun: number[] = [];
  for (let sent = 0; sent < 9; sent += 1) gate.enter(() => begun.push(sent));
  gate.leave();
  gate.enter(() => begun.push(9));
  expect(begun).toHaveLength(8);
  await clock.pass(1);
  expect(begun.at(-1)).toBe(8);
  await clock.pass(120);
  expect(begun.at(-1)).toBe(9);
});

test('opened, it lets everything go', async () => {
  const { clock, gate, seen, send } = gateWith(undefined);
  for (let sent = 0; sent < 100; sent += 1) send();
  gate.open();
  expect(seen.begun).toBe(100);
  expect(clock.waiting).toBe(0);
});
