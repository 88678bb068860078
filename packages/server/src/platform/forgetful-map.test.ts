import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ForgetfulMap } from './forgetful-map.ts';

test('never holds more than it may, and always the half that was set last, each with its last value', () => {
  const key = fc.integer({ min: 0, max: 30 }).map(String);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.array(key, { maxLength: 200 }), (half, keys) => {
      const map = new ForgetfulMap<number>(2 * half);
      const last = new Map<string, number>();
      keys.forEach((key, index) => {
        map.set(key, index);
        last.delete(key);
        last.set(key, index);
        expect(map.size).toBeLessThanOrEqual(2 * half);
        for (const [recent, value] of [...last].slice(-half)) expect(map.get(recent)).toBe(value);
      });
    }),
  );
});

test('ages on demand: what was not set since the last time is forgotten', () => {
  const map = new ForgetfulMap<string>(100);
  map.set('a', 'one');
  map.set('b', 'one');
  map.age();
  map.set('b', 'two');
  expect([map.get('a'), map.get('b'), map.size]).toEqual(['one', 'two', 2]);
  map.age();
  expect([map.get('a'), map.get('b'), map.size]).toEqual([undefined, 'two', 1]);
});
