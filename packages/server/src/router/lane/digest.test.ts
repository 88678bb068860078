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
  digest.add('fourth');
  expect(said).toEqual([
    [1, 'first'],
    [7, 'fourth'],
  ]);
});
