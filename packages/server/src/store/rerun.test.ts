import { expect, test } from 'vitest';
import { Rerun } from './rerun.ts';

/** Work that ends when it is told to. */
function controlled() {
  const runs: PromiseWithResolvers<void>[] = [];
  const rerun = new Rerun(() => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  return { rerun, runs };
}

/** Lets everything happen that waits for nothing. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('however often it is asked for while it runs, it runs once more, and never twice at the same time', async () => {
  const { rerun, runs } = controlled();
  const first = rerun.ask();
  const others = Array.from({ length: 10 }, () => rerun.ask());
  await turn();
  expect(runs).toHaveLength(1);
  runs[0]?.resolve();
  await first;
  await turn();
  expect(runs).toHaveLength(2);
  runs[1]?.resolve();
  await Promise.all(others);
  await rerun.settled();
  expect(runs).toHaveLength(2);
});

test('whoever asks waits for a run that began after that', async () => {
  const { rerun, runs } = controlled();
  void rerun.ask();
  let isDone = false;
  const asked = rerun.ask().then(() => {
    isDone = true;
  });
  runs[0]?.resolve();
  await turn();
  expect(isDone).toBe(false);
  runs[1]?.resolve();
  await asked;
});

test('a run that fails is told to who asked for it, and the next one runs all the same', async () => {
  const { rerun, runs } = controlled();
  const first = rerun.ask();
  const second = rerun.ask();
  runs[0]?.reject(new Error('failed'));
  await expect(first).rejects.toThrow('failed');
  await turn();
  runs[1]?.resolve();
  await second;
  const third = rerun.ask();
  expect(runs).toHaveLength(3);
  runs[2]?.resolve();
  await third;
});
