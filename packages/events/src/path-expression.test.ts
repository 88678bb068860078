import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PATH_CHARS_MAX, PATH_STEPS_MAX, type Path, parsePath, type Selector } from './path-expression.ts';

describe('a path that is understood', () => {
  const name = (name: string): Selector => ({ kind: 'name', name });
  const index = (index: number): Selector => ({ kind: 'index', index });
  const all: Selector = { kind: 'all' };
  const step = (...selectors: Selector[]) => ({ deep: false, selectors });
  const below = (...selectors: Selector[]) => ({ deep: true, selectors });

  test.each<[string, Path]>([
    ['$', []],
    ['.a', [step(name('a'))]],
    ['$.a', [step(name('a'))]],
    ['..productCategory', [below(name('productCategory'))]],
    ['$..a.b', [below(name('a')), step(name('b'))]],
    [
      '.order-lines.größe.$ref.0_1',
      [step(name('order-lines')), step(name('größe')), step(name('$ref')), step(name('0_1'))],
    ],
    ["['a b']", [step(name('a b'))]],
    ['["a]b"]', [step(name('a]b'))]],
    ["['it\\'s \\\\']", [step(name("it's \\"))]],
    ['[ 0 ]', [step(index(0))]],
    ['.a[-1]', [step(name('a')), step(index(-1))]],
    ['.*[*]..*', [step(all), step(all), below(all)]],
    ['..[0]', [below(index(0))]],
    ['[1:3]', [step({ kind: 'slice', from: 1, to: 3 })]],
    ['[-2:]', [step({ kind: 'slice', from: -2, to: undefined })]],
    ['[:]', [step({ kind: 'slice', from: 0, to: undefined })]],
    [`['a',"b", 2,1:2,*]`, [step(name('a'), name('b'), index(2), { kind: 'slice', from: 1, to: 2 }, all)]],
  ])('%s', (text, path) => {
    expect(parsePath(text)).toEqual({ path });
  });
});

describe('a path that is refused', () => {
  test.each([
    ['', 'is empty'],
    ['productCategory', 'cannot be understood at productCategory'],
    ['$a', 'cannot be understood at a'],
    ['.', 'cannot be understood at .'],
    ['..', 'cannot be understood at ..'],
    ['...a', 'cannot be understood at ...a'],
    ['.a.', 'cannot be understood at .'],
    ['.[0]', 'cannot be understood at .[0]'],
    ['.a b', 'cannot be understood at  b'],
    ['.a[', 'cannot be understood at ['],
    ['[]', 'cannot be understood at []'],
    ['[0,]', 'cannot be understood at [0,]'],
    ['[a]', 'cannot be understood at [a]'],
    ["['a]", "cannot be understood at ['a]"],
    ['[0:4:2]', 'cannot be understood at [0:4:2]'],
    ['[1 : 2]', 'cannot be understood at [1 : 2]'],
    ['[1.5]', 'cannot be understood at [1.5]'],
    ['@.a', 'cannot be understood at @.a'],
    ['..a[?(@.b=~/(a+)+$/)]', 'cannot be understood at [?(@.b=~/(a+)+$/)]'],
    [
      "[(@['constructor']('return process')())]",
      "cannot be understood at [(@['constructor']('return process')())]",
    ],
    ['.a.length()', 'cannot be understood at ()'],
    ['..a..b', 'has more than one ..'],
    ['.a'.repeat(PATH_STEPS_MAX + 1), `has more than ${PATH_STEPS_MAX} steps`],
    [`.${'a'.repeat(PATH_CHARS_MAX)}`, `is longer than ${PATH_CHARS_MAX} characters`],
  ])('%j', (text, fault) => {
    expect(parsePath(text)).toEqual({ fault });
  });

  test('nothing that is written makes the parser throw', () => {
    const mark = fc.constantFrom(
      '$',
      '.',
      '..',
      '[',
      ']',
      "'",
      '"',
      '\\',
      '*',
      ',',
      ':',
      '-',
      '0',
      '9',
      ' ',
      '\n',
      'a',
      'ß',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(mark, { maxLength: 80 }).map((marks) => marks.join('')),
          fc.string(),
        ),
        (text) => {
          const reading = parsePath(text);
          expect('path' in reading || reading.fault !== '').toBe(true);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['spaces', `[${' '.repeat(254)}`],
    ['spaces around a colon', `[${' '.repeat(120)}:${' '.repeat(120)}`],
    ['digits', `[${'1'.repeat(250)}`],
    ['backslashes', `['${'\\'.repeat(253)}`],
    ['quotes', "['".repeat(128)],
    ['dots', '.'.repeat(256)],
    ['stars', `[${'*,'.repeat(127)}`],
    ['letters', `.${'ß'.repeat(254)}!`],
  ])(
    'a thousand of the longest runs of %s are parsed within a second',
    (_, text) => {
      for (let k = 0; k < 1_000; k++) expect(parsePath(text)).toHaveProperty('fault');
    },
    1_000,
  );
});
