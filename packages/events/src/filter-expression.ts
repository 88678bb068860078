import type { FunctionName } from './filter-functions.ts';
import type { Glob } from './filter-glob.ts';

/** What a condition is made of. The set is closed: nothing else can be written, and nothing else is ever run. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: Scalar | readonly Scalar[] }
  /** A field of the event: the names that lead to it. There is at least one. */
  | { readonly kind: 'field'; readonly names: readonly string[] }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly arguments: readonly Expression[] }
  | { readonly kind: 'match'; readonly text: Expression; readonly glob: Glob }
  | {
      readonly kind: 'compare';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'not'; readonly operand: Expression }
  /** At least two operands. */
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] };

/** A value that stands in a condition itself; a list of them is one, too. */
export type Scalar = string | number | boolean | null;

/** What may stand between two values. */
export const OPERATORS = ['=', '!=', '<', '<=', '>', '>=', 'in'] as const;
export type Operator = (typeof OPERATORS)[number];
