import { expect, test } from 'vitest';
import type { Fate } from './window.ts';
import { Window } from './window.ts';

const START = { position: 0, startSequence: 0, sequence: 0, delivered: 0, filtered: 0, dead: 0 };

/** A window of two events that weigh 100 bytes each, and what they take in memory. */
function windowOfTwo() {
  let bytes = 0;
  const window = new Window(START, {
    isFull: () => false,
    take: (more) => {
      bytes += more;
    },
    giveBack: (less) => {
      bytes -= less;
    },
  });
  const [first, second] = [window.open(0, 1, 100), window.open(1, 2, 100)];
  window.reach(2);
  return { window, first, second, bytes: () => bytes };
}

test('an event takes memory until it is settled, also behind one that is not', () => {
  const { window, first, second, bytes } = windowOfTwo();
  expect(bytes()).toBe(200);
  window.settle(second, 'delivered');
  expect(bytes()).toBe(100);
  window.settle(first, 'filtered');
  expect(bytes()).toBe(0);
});

test("a dead letter's copy of its event takes memory until it is durable", () => {
  const { window, first, second, bytes } = windowOfTwo();
  const letter = { count: 1, reason: '', attempts: 1, at: 0, event: Buffer.alloc(30) };
  const dead: Fate = { position: 1, sequence: 2, ...letter };
  window.settle(second, dead);
  expect(bytes()).toBe(130);
  window.committed();
  expect(bytes()).toBe(130);
  window.settle(first, 'delivered');
  expect(bytes()).toBe(30);
  expect(window.step(false)?.deadLetters).toEqual([dead]);
  window.committed();
  expect(bytes()).toBe(0);
});
