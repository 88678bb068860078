import { expect, test } from 'vitest';
import { VirtualClock } from '../../platform/virtual-clock.ts';
import { RECENT_BYTES_MAX, RecentExchanges, RecentMemory } from './recent-exchanges.ts';

const REQUEST = {
  key: 'one',
  method: 'POST',
  url: 'https://hooks.example.com/',
  headers: {},
  body: {},
} as const;

/** Two lanes with a memory in common. */
function lanes(size: number, otherSize = size) {
  const clock = new VirtualClock();
  const memory = new RecentMemory();
  const [one, other] = [
    new RecentExchanges(clock, size, memory),
    new RecentExchanges(clock, otherSize, memory),
  ];
  const send = (lane: RecentExchanges, messageId: string, body: Uint8Array | string) =>
    lane.sent([{ messageId }], { request: REQUEST, body }, 1)({ kind: 'delivered', status: 200 });
  return { memory, one, other, send };
}

test('all lanes together stay within the bound, and what was sent last is there', () => {
  const { memory, one, other, send } = lanes(10_000);
  send(one, 'oldest', '{}');
  for (let sent = 0; sent < 2_000; sent += 1)
    send(sent % 2 === 0 ? one : other, `${sent}`, Buffer.alloc(9_000));
  expect(memory.bytes).toBeLessThanOrEqual(RECENT_BYTES_MAX);
  expect(memory.bytes).toBeGreaterThan(0.9 * RECENT_BYTES_MAX);
  expect(one.of('oldest')).toEqual([]);
  expect(other.of('1999')).toMatchObject([{ url: REQUEST.url, outcome: { status: 200 } }]);
});

test('the bound holds where a lane replaces its own exchanges between those of another one', () => {
  const { memory, one, other, send } = lanes(3, 10_000);
  for (let sent = 0; sent < 2_000; sent += 1)
    send(sent % 2 === 0 ? one : other, `${sent}`, Buffer.alloc(15_000));
  expect(memory.bytes).toBeLessThanOrEqual(RECENT_BYTES_MAX);
  expect(['1992', '1994', '1998'].map((id) => one.of(id).length)).toEqual([0, 1, 1]);
  expect(['1', '1999'].map((id) => other.of(id).length)).toEqual([0, 1]);
  one.clear();
  other.clear();
  expect(memory.bytes).toBe(0);
});

test('a lane with many exchanges takes none of the room that another one has', () => {
  const { one, other, send } = lanes(3);
  send(one, 'quiet', '{}');
  for (let sent = 0; sent < 5_000; sent += 1) send(other, `${sent}`, Buffer.alloc(16_000));
  expect(one.of('quiet')).toHaveLength(1);
  expect(['4996', '4997', '4999'].map((id) => other.of(id).length)).toEqual([0, 1, 1]);
});

test('a short body is kept as it was sent, of a long one only a remark', () => {
  const { memory, one, send } = lanes(3);
  send(one, 'short', '{"a":1}');
  send(one, 'long', Buffer.alloc(1_000_000));
  expect(one.of('short')).toMatchObject([{ body: '{"a":1}' }]);
  expect(one.of('long')).toMatchObject([{ body: 'too long to be kept: 1000000' }]);
  expect(memory.bytes).toBeLessThan(10_000);
});

test('a small body counts as the larger buffer that it keeps in memory', () => {
  const { memory, one, send } = lanes(3);
  send(one, 'small', new Uint8Array(new ArrayBuffer(8_192), 0, 10));
  expect(memory.bytes).toBeGreaterThan(8_192);
});

test('a URL counts with all that an event has put into it', () => {
  const { memory, one } = lanes(3);
  const request = { ...REQUEST, url: `${REQUEST.url}${'x'.repeat(100_000)}` };
  one.sent([{ messageId: 'a' }], { request, body: '' }, 1);
  expect(memory.bytes).toBeGreaterThan(100_000);
});

test('a lane that is gone takes no memory', () => {
  const { memory, one, send } = lanes(3);
  send(one, 'a', '{}');
  one.clear();
  expect(memory.bytes).toBe(0);
});
