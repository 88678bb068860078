import fc from 'fast-check';
import type { Expression, Operator, Scalar } from './filter-expression.ts';
import type { FunctionName } from './filter-functions.ts';
import { type Glob, type GlobPart, parseGlob } from './filter-glob.ts';

/** Few, so that conditions and events often meet; some need a backslash. */
export const anyName = fc.constantFrom(
  'event',
  'properties',
  'a',
  'B-1',
  'x y',
  'it’s',
  '.',
  '\\',
  '0',
  'and',
  '__proto__',
  'length',
);

/** Few texts, some of which look like a pattern. */
const anyText = fc.oneof(
  fc.constantFrom('', 'a', 'ab', 'AB', '*', "'", '"', '\\', '\\*', 'ß', '😀'),
  fc.string(),
);

const anyNumber = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer(), fc.constantFrom(0.5, -1.25));

const anyScalar: fc.Arbitrary<Scalar> = fc.oneof(anyText, anyNumber, fc.boolean(), fc.constant(null));

const anyGlob: fc.Arbitrary<Glob> = fc
  .array(fc.constantFrom('*', '?', 'a', 'B', '[ab]', '[^a-c]', '\\*', '[\\]\\-]', '😀'), { maxLength: 6 })
  .map((parts) => {
    const reading = parseGlob(parts.join(''));
    return 'glob' in reading ? reading.glob : [];
  });

/** Any condition that can be written. */
export const { bool: anyCondition } = fc.letrec<{
  bool: Expression;
  text: Expression;
  number: Expression;
  list: Expression;
}>((tie) => {
  const field = fc.record({
    kind: fc.constant('field' as const),
    names: fc.array(anyName, { minLength: 1, maxLength: 3 }),
  });
  const literal = <V extends Scalar | readonly Scalar[]>(value: fc.Arbitrary<V>) =>
    fc.record({ kind: fc.constant('literal' as const), value });
  const call = (name: FunctionName, ...args: fc.Arbitrary<Expression>[]) =>
    fc.record({ kind: fc.constant('call' as const), name: fc.constant(name), arguments: fc.tuple(...args) });
  const compare = (
    operators: readonly Operator[],
    left: fc.Arbitrary<Expression>,
    right: fc.Arbitrary<Expression>,
  ) =>
    fc.record({
      kind: fc.constant('compare' as const),
      operator: fc.constantFrom(...operators),
      left,
      right,
    });
  const [bool, text, number, list] = [tie('bool'), tie('text'), tie('number'), tie('list')];
  const value = fc.oneof(text, number, list, field);
  const operands = fc.array(bool, { minLength: 2, maxLength: 3 });
  return {
    text: fc.oneof(
      { maxDepth: 2 },
      literal(anyText),
      field,
      call('lowercase', text),
      call('uppercase', text),
      call('typeof', value),
    ),
    number: fc.oneof({ maxDepth: 2 }, literal(anyNumber), field, call('length', fc.oneof(text, list))),
    list: fc.oneof(literal(fc.array(anyScalar, { maxLength: 3 })), field),
    bool: fc.oneof(
      { maxDepth: 4 },
      field,
      literal(fc.constantFrom(true, false, null)),
      compare(['=', '!='], value, value),
      compare(['<', '<=', '>', '>='], number, number),
      compare(['in'], fc.oneof(text, number), list),
      call('contains', text, text),
      fc.record({ kind: fc.constant('match' as const), text, glob: anyGlob }),
      fc.record({ kind: fc.constant('not' as const), operand: bool }),
      fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), operands }),
    ),
  };
});

/** A condition as text. */
export function textOf(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return textOfValue(expression.value);
    case 'field':
      return expression.names.map(textOfName).join('.');
    case 'call':
      return `${expression.name}(${expression.arguments.map(textOf).join(', ')})`;
    case 'match':
      return `match(${textOf(expression.text)}, ${textOfValue(expression.glob.map(textOfPart).join(''))})`;
    case 'compare':
      return `${textOf(expression.left)} ${expression.operator} ${textOf(expression.right)}`;
    case 'not':
      return `!(${textOf(expression.operand)})`;
    case 'and':
    case 'or':
      return expression.operands.map((operand) => `(${textOf(operand)})`).join(` ${expression.kind} `);
  }
}

function textOfValue(value: Scalar | readonly Scalar[]): string {
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  return typeof value === 'object' && value !== null
    ? `[${value.map(textOfValue).join(', ')}]`
    : String(value);
}

/** A backslash before every character: they all mean themselves then, and no name is a keyword. */
function textOfName(name: string): string {
  return Array.from(name, (character) => `\\${character}`).join('');
}

function textOfPart(part: GlobPart): string {
  if (part.kind === 'run') return '*';
  if (part.ranges.length === 0) return '?';
  const ranges = part.ranges.map(
    ([from, to]) => `\\${String.fromCodePoint(from)}-\\${String.fromCodePoint(to)}`,
  );
  return `[${part.isOutside ? '^' : ''}${ranges.join('')}]`;
}
