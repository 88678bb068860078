import { expect, test } from 'vitest';
import { DatabaseUnavailable } from '../store/database-unavailable.ts';
import { hiddenError } from './hidden-error.ts';
import { statusOf } from './http-refusal.ts';

test('an error of ours shows nothing of itself but a reference, under which it is reported', () => {
  const bugs: unknown[] = [];
  const refusal = hiddenError(new Error('no such table: secrets'), (error) => bugs.push(error));
  expect(statusOf(refusal)).toBe(500);
  expect(refusal.message).not.toContain('secrets');
  const [reference = ''] = /[\w]{21}/.exec(refusal.message) ?? [];
  expect(String(bugs[0])).toContain(reference);
});

test('a database that is away is answered with 503, and reported as no bug', () => {
  const bugs: unknown[] = [];
  const refusal = hiddenError(new DatabaseUnavailable('at db.internal'), (error) => bugs.push(error));
  expect([refusal.code, statusOf(refusal)]).toEqual(['UNAVAILABLE', 503]);
  expect(refusal.message).not.toContain('db.internal');
  expect(bugs).toEqual([]);
});
