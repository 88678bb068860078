import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyCondition, textOf } from './filter-condition.fixture.ts';
import { compileCondition } from './filter-condition.ts';
import type { Expression, Operator } from './filter-expression.ts';
import { parseGlob } from './filter-glob.ts';
import {
  CONDITION_CHARS_MAX,
  CONDITION_DEPTH_MAX,
  CONDITION_PARTS_MAX,
  parseCondition,
} from './filter-parser.ts';

const field = (...names: string[]): Expression => ({ kind: 'field', names });
const literal = (value: string | number | boolean | null | readonly string[]): Expression => ({
  kind: 'literal',
  value,
});
const compare = (left: Expression, operator: Operator, right: Expression): Expression => ({
  kind: 'compare',
  operator,
  left,
  right,
});
const [a, b, c] = [field('a'), field('b'), field('c')];

describe('a condition that is understood', () => {
  test.each<[string, Expression]>([
    ['a', a],
    ['a = 1', compare(a, '=', literal(1))],
    [' a\n\t!=-1.50 ', compare(a, '!=', literal(-1.5))],
    ['a<+2', compare(a, '<', literal(2))],
    ['a = b', compare(a, '=', b)],
    [`a = 'it"s'`, compare(a, '=', literal('it"s'))],
    [`"it's" = a`, compare(literal("it's"), '=', a)],
    ['a = "\\"\\\\\\\'\\*"', compare(a, '=', literal('"\\\'\\*'))],
    ['a = null', compare(a, '=', literal(null))],
    ['a != true', compare(a, '!=', literal(true))],
    ['false', literal(false)],
    ['a in []', compare(a, 'in', literal([]))],
    ["a in ['x', 'y']", compare(a, 'in', literal(['x', 'y']))],
    ["'x' in a.b", compare(literal('x'), 'in', field('a', 'b'))],
    ['a.b-c.1.in._d', field('a', 'b-c', '1', 'in', '_d')],
    ['a.product\\ 1.pri\\.ce', field('a', 'product 1', 'pri.ce')],
    ['größe.\\$ref', field('größe', '$ref')],
    ['\\and', field('and')],
    ['android or orange', { kind: 'or', operands: [field('android'), field('orange')] }],
    ['a and b and c', { kind: 'and', operands: [a, b, c] }],
    ['a and (b or c)', { kind: 'and', operands: [a, { kind: 'or', operands: [b, c] }] }],
    ['((a))', a],
    ['!a', { kind: 'not', operand: a }],
    ['!!a and b', { kind: 'and', operands: [{ kind: 'not', operand: { kind: 'not', operand: a } }, b] }],
    ['!(a = b)', { kind: 'not', operand: compare(a, '=', b) }],
    ['contains( a , "x" )', { kind: 'call', name: 'contains', arguments: [a, literal('x')] }],
    ['length(a) > 0', compare({ kind: 'call', name: 'length', arguments: [a] }, '>', literal(0))],
    [
      'lowercase(a) = uppercase(b)',
      compare({ kind: 'call', name: 'lowercase', arguments: [a] }, '=', {
        kind: 'call',
        name: 'uppercase',
        arguments: [b],
      }),
    ],
    ['match(a, "b*")', { kind: 'match', text: a, glob: globOf('b*') }],
    ['contains', field('contains')],
  ])('%s', (text, expression) => {
    expect(parseCondition(text)).toEqual(expression);
  });
});

function globOf(pattern: string) {
  const reading = parseGlob(pattern);
  if ('fault' in reading) throw new Error(reading.fault);
  return reading.glob;
}

describe('a condition that is refused says where, and what was expected', () => {
  const grouping = 'put parentheses around what belongs together';
  const characterHelp =
    "cannot stand here; put quotes around text, or a backslash before it in a field's name";
  test.each([
    ['', 1, 'expected a field, a value or a function, found the end'],
    ['a =', 4, 'expected a field, a value or a function, found the end'],
    ['a == 1', 4, "expected a field, a value or a function, found '='"],
    ['and', 1, "expected a field, a value or a function, found 'and'"],
    ['a = 1 AND b', 7, "expected 'and', 'or' or the end, found a name"],
    ['a = 1 = b', 7, "expected 'and', 'or' or the end, found '='"],
    ['a)', 2, "expected 'and', 'or' or the end, found ')'"],
    ['(a', 3, "expected 'and', 'or' or ')', found the end"],
    ['a and b or c', 9, `'or' follows 'and'; ${grouping}`],
    ['a or b and c', 8, `'and' follows 'or'; ${grouping}`],
    ['a or (b or c and d)', 14, `'and' follows 'or'; ${grouping}`],
    ['!a = 1', 4, "put the comparison behind '!' into parentheses"],
    ['event and "x"', 11, 'text alone is no condition; compare it with something'],
    ['length(a)', 1, 'a number alone is no condition; compare it with something'],
    ['!["x"]', 2, 'a list alone is no condition; compare it with something'],
    ['a > "2026-01-01"', 5, 'expected a number, found text'],
    ['lowercase(a) < 1', 1, 'expected a number, found text'],
    ['a in "xyz"', 6, 'expected a list, found text'],
    ['[1] in a', 1, 'expected text or a number or true or false, found a list'],
    ['contains(a, 1)', 13, 'expected text, found a number'],
    ['length(true) = 1', 8, 'expected text or a list, found true or false'],
    ['contains(a)', 11, "expected ',', found ')'"],
    ['length(a, b) = 1', 9, "expected ')', found ','"],
    [
      'lenght(a) = 1',
      1,
      'there is no such function; known are match, contains, length, lowercase, uppercase, typeof',
    ],
    [
      'toString(a) = 1',
      1,
      'there is no such function; known are match, contains, length, lowercase, uppercase, typeof',
    ],
    ['match("*x", a)', 13, 'expected a pattern in quotes'],
    ['match(a, "[b")', 10, 'the pattern has a [ without a ]'],
    ['a in [1, b]', 10, 'expected text, a number, true, false or null, found a name'],
    ['a in [1 2]', 9, "expected ',' or ']', found a number"],
    ['a in [1,', 9, 'expected text, a number, true, false or null, found the end'],
    ['a = "b', 5, 'the text that begins here has no closing "'],
    ["a = 'b\\'", 5, "the text that begins here has no closing '"],
    ['a = 1.', 5, 'expected a number such as 12 or -0.5'],
    ['1st = 2', 1, 'expected a number such as 12 or -0.5'],
    ['a = - 1', 5, 'expected a number such as 12 or -0.5'],
    [`a = ${'9'.repeat(400)}`, 5, 'the number is too large'],
    ['a.', 2, `. ${characterHelp}`],
    ['a & b', 3, `& ${characterHelp}`],
    ['a = “b”', 5, `“ ${characterHelp}`],
    ['😀 = 1', 1, `😀 ${characterHelp}`],
    ['a = \\', 5, "a backslash stands before a character of a field's name"],
    [
      'a'.repeat(CONDITION_CHARS_MAX + 1),
      CONDITION_CHARS_MAX + 1,
      `a condition has at most ${CONDITION_CHARS_MAX} characters`,
    ],
    [
      `${'('.repeat(CONDITION_DEPTH_MAX + 1)}a`,
      CONDITION_DEPTH_MAX + 2,
      `a condition nests at most ${CONDITION_DEPTH_MAX} levels deep`,
    ],
    [
      Array(CONDITION_PARTS_MAX + 1)
        .fill('a')
        .join(' or '),
      5 * CONDITION_PARTS_MAX + 2,
      `a condition has at most ${CONDITION_PARTS_MAX} parts`,
    ],
  ])('%s', (text, column, fault) => {
    expect(compileCondition(text)).toEqual({ column, fault });
  });

  test('whatever its text is', () => {
    const word = fc.constantFrom(
      ...'a . b \\ and or in null true ! = != < >= ( ) [ ] , " \' * 1 -2.5 match( contains( length( 😀'.split(
        ' ',
      ),
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word).map((words) => words.join(' ')),
      fc.array(word).map((words) => words.join('')),
    );
    fc.assert(
      fc.property(text, (text) => {
        const reading = compileCondition(text);
        if ('holds' in reading) return;
        expect(reading.column).toBeGreaterThanOrEqual(1);
        expect(reading.column).toBeLessThanOrEqual(text.length + 1);
        expect(reading.fault).not.toBe('');
      }),
      { numRuns: 5_000 },
    );
  });

  test('at the limits it is still understood', () => {
    const deep = `${'('.repeat(CONDITION_DEPTH_MAX)}a${')'.repeat(CONDITION_DEPTH_MAX)}`;
    expect(parseCondition(deep)).toEqual(a);
    const wide = Array(CONDITION_PARTS_MAX - 1)
      .fill('a')
      .join(' or ');
    expect(parseCondition(wide).kind).toBe('or');
    expect(parseCondition('a'.padEnd(CONDITION_CHARS_MAX))).toEqual(a);
  });
});

test('a condition that is written down and read is the same condition', () => {
  fc.assert(
    fc.property(anyCondition, (condition) => {
      expect(parseCondition(textOf(condition))).toEqual(condition);
    }),
    { numRuns: 2_000 },
  );
});
