import type { Expression, Scalar } from './filter-expression.ts';
import { FUNCTIONS, type Kind } from './filter-functions.ts';
import { ConditionFault } from './filter-lexer.ts';

/** What is read of a condition, and where it begins. */
export interface Located {
  readonly expression: Expression;
  readonly column: number;
}

/** How complaints call each kind. */
export const NAMES_OF_KINDS: Readonly<Record<Kind, string>> = {
  text: 'text',
  number: 'a number',
  bool: 'true or false',
  list: 'a list',
  null: 'null',
  any: 'a field',
};

/**
 * Refuses what could never make sense, so that a slip does not become a rule that quietly never holds. Throws a
 * ConditionFault.
 */
export function checkKind({ expression, column }: Located, expected: readonly Kind[]): void {
  const kind = kindOf(expression);
  if (fits(kind, expected)) return;
  const names = expected.map((wanted) => NAMES_OF_KINDS[wanted]).join(' or ');
  throw new ConditionFault(column, `expected ${names}, found ${NAMES_OF_KINDS[kind]}`);
}

/** Whether a value of this kind makes sense where those are expected. */
export function fits(kind: Kind, expected: readonly Kind[]): boolean {
  // `null` has a meaning everywhere: it is what a missing field is.
  return kind === 'any' || kind === 'null' || expected.includes(kind);
}

/** What is known of an expression before there is an event. */
export function kindOf(expression: Expression): Kind {
  switch (expression.kind) {
    case 'literal':
      return kindOfValue(expression.value);
    case 'field':
      return 'any';
    case 'call':
      return FUNCTIONS[expression.name].gives;
    case 'match':
    case 'compare':
    case 'not':
    case 'and':
    case 'or':
      return 'bool';
  }
}

function kindOfValue(value: Scalar | readonly Scalar[]): Kind {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return 'number';
    case 'boolean':
      return 'bool';
    case 'object':
      return 'list';
  }
}
