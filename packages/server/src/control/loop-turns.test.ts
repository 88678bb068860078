import { expect, test } from 'vitest';
import { LoopTurns } from './loop-turns.ts';

test('whoever asks gets a turn of the event loop of their own, in order, and others come in between', async () => {
  const turns = new LoopTurns();
  const order: string[] = [];
  const operations = ['first', 'second', 'third'].map((name) => turns.next().then(() => order.push(name)));
  let others = 0;
  const other = () => {
    order.push('other');
    others += 1;
    if (others < 3) setImmediate(other);
  };
  setImmediate(other);
  await Promise.all(operations);
  expect(order.slice(0, 5)).toEqual(['first', 'other', 'second', 'other', 'third']);
});

test('a turn is to be had again after all were handed out', async () => {
  const turns = new LoopTurns();
  await turns.next();
  await expect(turns.next()).resolves.toBeUndefined();
});
