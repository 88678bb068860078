import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Queue } from './queue.ts';

test('entries come out in the order in which they went in, however many are in between', () => {
  const steps = fc.array(fc.record({ pushed: fc.nat({ max: 3_000 }), taken: fc.nat({ max: 3_000 }) }));
  fc.assert(
    fc.property(steps, (steps) => {
      const queue = new Queue<number>();
      const model: number[] = [];
      let count = 0;
      for (const { pushed, taken } of steps) {
        const more = Array.from({ length: pushed }, () => count++);
        for (const entry of more) queue.push(entry);
        model.push(...more);
        const out = Array.from({ length: taken }, () => queue.shift()).filter((entry) => entry !== undefined);
        expect(out).toEqual(model.splice(0, taken));
        expect([queue.size, queue.peek()]).toEqual([model.length, model[0]]);
      }
    }),
    { seed: 1, numRuns: 30 },
  );
});

test.each([
  ['none is left', 0],
  ['others are left', 1],
])('an entry that was taken is not kept in memory, when %s', async (_, left) => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const queue = new Queue<object>();
  const taken = Array.from({ length: 10 }, () => pushed(queue));
  for (let more = 0; more < left; more += 1) queue.push({});
  for (const _entry of taken) queue.shift();
  // What a WeakRef was made of, or gave, is kept until the turn ends.
  await nextTurn();
  collect();
  expect(taken.filter((entry) => entry.deref() !== undefined)).toEqual([]);
  expect(queue.size).toBe(left);
});

function pushed(queue: Queue<object>): WeakRef<object> {
  const entry = {};
  queue.push(entry);
  return new WeakRef(entry);
}
