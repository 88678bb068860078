import { expect, test } from 'vitest';
import { VirtualClock } from '../../platform/virtual-clock.ts';
import { Digest } from './digest.ts';

test('what happens often is said at once, then once a minute, with how often it was and the last time', async () => {
  const clock = new VirtualClock();
  const said: unknown[] = [];
  const digest = new Digest<string>(clock, (count, last) => said.push([count, last]));
  digest.add('first');
  digest.add('second');
  digest.add('third', 5);
  expect(said).toEqual([[1, 'first']]);
  await clock.pass(60_000);
  expect(said).toEqual([
    [1, 'first'],
    [6, 'third'],
  ]);
  await clock.pass(59_999);
  digest.add('fourth');
  expect(said).toHaveLength(2);
  await clock.pass(1);
  expect(said.slice(2)).toEqual([[1, 'fourth']]);
  await clock.pass(600_000);
  digest.add('much later');
  expect(said.slice(3)).toEqual([[1, 'much later']]);
});

test('what was not said yet is said at the end, and no timer is left behind', () => {
  const clock = new VirtualClock();
  const said: unknown[] = [];
  const digest = new Digest<string>(clock, (count, last) => said.push([count, last]));
  digest.add('first');
  digest.add('second');
  digest.close();
  expect([said.slice(1), clock.waiting]).toEqual([[[1, 'second']], 0]);
});
