import { expect, test } from 'vitest';
import { maskOf } from './mask.ts';

const mask = maskOf(['towel-42-magrathea', 'towel-42', 'a "quoted" one']);

test('a secret is hidden wherever it stands, the longer one whole', () => {
  expect(mask('x towel-42-magrathea y towel-42 z')).toBe('x [secret] y [secret] z');
});

test('a secret is hidden as it stands in JSON', () => {
  expect(mask(JSON.stringify({ sent: 'a "quoted" one' }))).toBe('{"sent":"[secret]"}');
});

test('the beginning of a secret is hidden where the text was cut in the middle of it', () => {
  const answer = 'you sent towel-42-magrathea';
  for (let length = 'you sent towe'.length; length < answer.length; length += 1)
    expect(mask(answer.slice(0, length)), `${length} characters`).toBe('you sent [secret]');
});

test('what is no secret stays as it is', () => {
  for (const text of ['', 'OK', 'tow', 'a tower', 'towe l']) expect(mask(text)).toBe(text);
  expect(maskOf([])('towel-42')).toBe('towel-42');
});
