import { expect, test } from 'vitest';
import { isText, listIn, objectIn, textsIn } from './stored-json.ts';

test('columns are read as what they must be', () => {
  expect(objectIn('{"a":[1]}')).toEqual({ a: [1] });
  expect(textsIn('{"a":"b"}')).toEqual({ a: 'b' });
  expect(listIn('["a","b"]', isText)).toEqual(['a', 'b']);
});

test.each([
  ['an object', () => objectIn('[]')],
  ['an object', () => objectIn('null')],
  ['an object', () => objectIn('{')],
  ['texts by name', () => textsIn('{"a":1}')],
  ['a list', () => listIn('{}', isText)],
  ['a list of texts', () => listIn('["a",1]', isText)],
])('a column that is not %s is told from one that is', (_, read) => {
  expect(read).toThrow();
});
