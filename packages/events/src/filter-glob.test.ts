import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GLOB_CHARS_MAX, type Glob, matchesGlob, parseGlob } from './filter-glob.ts';

function globOf(pattern: string): Glob {
  const reading = parseGlob(pattern);
  if ('fault' in reading) throw new Error(`${pattern}: ${reading.fault}`);
  return reading.glob;
}

describe('a pattern matches the whole text', () => {
  test.each([
    ['', '', true],
    ['', 'a', false],
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['*', '', true],
    ['*c', 'abc', true],
    ['*b', 'abc', false],
    ['a*', 'a/b\nc', true],
    ['a*b*c*d*e*/f', 'axbxcxdxexxx/f', true],
    ['a*b*c*d*e*/f', 'axbxcxdxexxx/fff', false],
    ['a*b?c*x', 'abxbbxdbxebxczzx', true],
    ['a*b?c*x', 'abxbbxdbxebxczzy', false],
    ['**a**', 'bab', true],
    ['a?b', 'a😀b', true],
    ['a???b', 'a😀b', false],
    ['a?b', 'a/b', true],
    ['?', '', false],
    ['[a-cx]', 'b', true],
    ['[a-cx]', 'x', true],
    ['[a-cx]', 'd', false],
    ['[^a-c]', 'd', true],
    ['[^a-c]', 'b', false],
    ['[a^]', '^', true],
    ['[😀-😂]', '😁', true],
    ['[\\]\\-]', '-', true],
    ['[*?[]', '*', true],
    ['a\\*\\?\\[\\\\', 'a*?[\\', true],
    ['a\\*', 'ab', false],
    ['\\a', 'a', true],
    ['A', 'a', false],
    [']', ']', true],
  ])('%j and %j: %j', (pattern, text, expected) => {
    expect(matchesGlob(globOf(pattern), text)).toBe(expected);
  });
});

test.each([
  ['[', 'the pattern has a [ without a ]'],
  ['[^', 'the pattern has a [ without a ]'],
  ['a[bc', 'the pattern has a [ without a ]'],
  ['[a-', 'the pattern has a [ without a ]'],
  ['[a\\', 'the pattern has a [ without a ]'],
  ['[]a]', 'between [ and ] of the pattern, write \\- for a dash and \\] for a bracket'],
  ['[-x]', 'between [ and ] of the pattern, write \\- for a dash and \\] for a bracket'],
  ['[x-]', 'between [ and ] of the pattern, write \\- for a dash and \\] for a bracket'],
  ['[a-b-c]', 'between [ and ] of the pattern, write \\- for a dash and \\] for a bracket'],
  ['[b-a]', 'the pattern has a range that runs backwards'],
  ['a\\', 'the pattern ends with a backslash; write what it stands before'],
  ['a'.repeat(GLOB_CHARS_MAX + 1), `a pattern has at most ${GLOB_CHARS_MAX} characters`],
])('the pattern %j is refused', (pattern, fault) => {
  expect(parseGlob(pattern)).toEqual({ fault });
});

test('it matches what trying everything would match', () => {
  const pattern = fc.array(fc.constantFrom('*', '?', 'a', 'b', '[ab]', '[^a]'), { maxLength: 8 });
  fc.assert(
    fc.property(
      pattern,
      fc.string({ unit: fc.constantFrom('a', 'b', '😀'), maxLength: 10 }),
      (parts, text) => {
        expect(matchesGlob(globOf(parts.join('')), text)).toBe(triesAll(parts, Array.from(text)));
      },
    ),
    { numRuns: 5_000 },
  );
});

/** The plain way, in time that doubles with each star. */
function triesAll([part, ...parts]: readonly string[], text: readonly string[]): boolean {
  if (part === undefined) return text.length === 0;
  const [character, ...rest] = text;
  if (part === '*')
    return triesAll(parts, text) || (character !== undefined && triesAll([part, ...parts], rest));
  if (character === undefined) return false;
  const isOne = part === '?' || part === character || (part === '[ab]' && 'ab'.includes(character));
  return (isOne || (part === '[^a]' && character !== 'a')) && triesAll(parts, rest);
}

test('the worst pattern takes no longer than its length times the text’s', () => {
  const glob = globOf(`*${'a'.repeat(GLOB_CHARS_MAX - 2)}b`);
  const stars = globOf(`${'*a'.repeat(GLOB_CHARS_MAX / 2 - 1)}*b`);
  const text = 'a'.repeat(20_000);
  expect(matchesGlob(glob, text)).toBe(false);
  expect(matchesGlob(stars, text)).toBe(false);
}, 2_000);
