import { expect, test } from 'vitest';
import { connectionsMax } from './connections-max.ts';

const limits = (files: string) =>
  `Limit  Soft Limit  Hard Limit  Units\nMax open files            ${files}   1048576   files\n`;

test.each([
  ['1024', 512],
  ['20000', 19_488],
  ['1048576', 20_000],
  ['unlimited', 20_000],
  ['256', 64],
])('of %s open files, connections leave enough for the log', (files, expected) => {
  expect(connectionsMax(limits(files))).toBe(expected);
});

test('where the system tells no limit, memory is the limit', () => {
  expect(connectionsMax('')).toBe(20_000);
});
