import { expect, test } from 'vitest';
import { DatabaseUnavailable } from '../store/database-unavailable.ts';
import { Background } from './background.ts';

const onNothing = () => {};

test('what runs in the background is waited for, with what it begins itself', async () => {
  const done: string[] = [];
  const background = new Background(onNothing, onNothing);
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
  const background = new Background(onNothing, onNothing);
  background.run(async () => {
    hasBegun = true;
  });
  for (let step = 0; step < 1_000; step += 1) await Promise.resolve();
  expect(hasBegun).toBe(false);
  await background.settled();
  expect(hasBegun).toBe(true);
});

test('what fails in the background is a bug, unless the database could not be worked with, and keeps nothing else from being done', async () => {
  const bugs: unknown[] = [];
  const passing: unknown[] = [];
  const background = new Background(
    (error) => bugs.push(error),
    (error) => passing.push(error),
  );
  background.run(() => Promise.reject(new Error('broken')));
  background.run(() => {
    throw new Error('broken at once');
  });
  const away = new DatabaseUnavailable('away');
  background.run(() => Promise.reject(away));
  await background.settled();
  expect(bugs).toEqual([new Error('broken'), new Error('broken at once')]);
  expect(passing).toEqual([away]);
});
