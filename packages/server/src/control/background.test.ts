import { expect, test } from 'vitest';
import { Background } from './background.ts';

test('what runs in the background is waited for, with what it begins itself', async () => {
  const done: string[] = [];
  const background = new Background(() => {});
  const gate = Promise.withResolvers<void>();
  background.run(async () => {
    await gate.promise;
    background.run(async () => void done.push('second'));
    done.push('first');
  });
  expect(done).toEqual([]);
  gate.resolve();
  await background.settled();
  expect(done.toSorted()).toEqual(['first', 'second']);
});

test('what runs in the background begins after the answer, however many promises that goes through', async () => {
  let hasBegun = false;
  const background = new Background(() => {});
  background.run(async () => {
    hasBegun = true;
  });
  for (let step = 0; step < 1_000; step += 1) await Promise.resolve();
  expect(hasBegun).toBe(false);
  await background.settled();
  expect(hasBegun).toBe(true);
});

test('what fails in the background is a bug, and keeps nothing else from being done', async () => {
  const bugs: unknown[] = [];
  const background = new Background((error) => bugs.push(error));
  background.run(() => Promise.reject(new Error('broken')));
  background.run(() => {
    throw new Error('broken at once');
  });
  await background.settled();
  expect(bugs).toEqual([new Error('broken'), new Error('broken at once')]);
});
