import { expect, test } from 'vitest';
import { ulidOf } from './ulid.ts';

test('a ULID says its millisecond as others do', () => {
  // The example of the specification, https://github.com/ulid/spec.
  expect(ulidOf('', 1_469_918_176_385).slice(0, 10)).toBe('01ARYZ6S41');
  expect(ulidOf('', 0)).toMatch(/^0{10}[0-9A-HJKMNP-TV-Z]{16}$/);
});

test('the same name and time have the same ULID, other names of that time another', () => {
  const ids = new Set(Array.from({ length: 20_000 }, (_, number) => ulidOf(`message-${number}`, 0)));
  expect(ids.size).toBe(20_000);
  expect(ids).toContain(ulidOf('message-0', 0));
});

test('each part of the hash tells names apart by itself', () => {
  const names = Array.from({ length: 2_000 }, (_, number) => `${number}`);
  for (const start of [10, 14, 18, 22]) {
    const parts = new Set(names.map((name) => ulidOf(name, 0).slice(start, start + 4)));
    // Two of 2,000 names share one of 2^20 values about twice.
    expect(parts.size).toBeGreaterThan(1_985);
  }
});
