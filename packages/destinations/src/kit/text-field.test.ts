import { expect, test } from 'vitest';
import { secret } from './text-field.ts';

const field = secret({
  label: 'Key',
  description: 'A key.',
  pattern: { matches: /^\w+$/, mustBe: 'a key of letters' },
});

test.each([
  [123, 'a number'],
  [true, 'true or false'],
  [null, 'null'],
  [['a'], 'a list'],
  [{ a: 'b' }, 'an object'],
])('what is no text, such as %j, is told by its kind and not shown, with what is expected', (given, kind) => {
  const message = `must be a text, not ${kind}: a key of letters`;
  expect(field.read(given)).toEqual({ ok: false, faults: [{ path: '', message }] });
});

test('a text of another form is told what it must be', () => {
  expect(field.read('-')).toEqual({ ok: false, faults: [{ path: '', message: 'must be a key of letters' }] });
});
