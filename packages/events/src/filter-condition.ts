import type { Event } from './event.ts';
import type { Expression, Operator } from './filter-expression.ts';
import { type BuiltIn, FUNCTIONS } from './filter-functions.ts';
import { matchesGlob } from './filter-glob.ts';
import { ConditionFault } from './filter-lexer.ts';
import { parseCondition } from './filter-parser.ts';
import { isJsonObject } from './json.ts';

/** Whether a condition holds for an event. Never throws. */
export type Condition = (event: Event) => boolean;

/** A condition, or the first thing that is wrong with its text. */
export type ConditionReading =
  | { readonly holds: Condition }
  /** `column` counts UTF-16 units from 1; `fault` says what is wrong there and what was expected. */
  | { readonly column: number; readonly fault: string };

/** Makes a condition of its text, in the language of docs/filters.md. Never throws. */
export function compileCondition(text: string): ConditionReading {
  try {
    return { holds: conditionOf(parseCondition(text)) };
  } catch (error) {
    if (error instanceof ConditionFault) return { column: error.column, fault: error.message };
    throw error;
  }
}

/** What an expression is worth for an event: a JSON value, null for a field that is missing. */
type Worth = (event: Event) => unknown;

/** Anything but `true` counts as false. */
function conditionOf(expression: Expression): Condition {
  const worth = worthOf(expression);
  return (event) => worth(event) === true;
}

function worthOf(expression: Expression): Worth {
  switch (expression.kind) {
    case 'literal':
      return () => expression.value;
    case 'field':
      return worthOfField(expression.names);
    case 'call': {
      const { run }: BuiltIn = FUNCTIONS[expression.name];
      const [first = nothing, second = nothing] = expression.arguments.map(worthOf);
      return (event) => run(first(event), second(event));
    }
    case 'match': {
      const text = worthOf(expression.text);
      return (event) => {
        const value = text(event);
        return typeof value === 'string' && matchesGlob(expression.glob, value);
      };
    }
    case 'compare': {
      const compare = COMPARISONS[expression.operator];
      const left = worthOf(expression.left);
      const right = worthOf(expression.right);
      return (event) => compare(left(event), right(event));
    }
    case 'not': {
      const operand = conditionOf(expression.operand);
      return (event) => !operand(event);
    }
    case 'and': {
      const operands = expression.operands.map(conditionOf);
      return (event) => operands.every((operand) => operand(event));
    }
    case 'or': {
      const operands = expression.operands.map(conditionOf);
      return (event) => operands.some((operand) => operand(event));
    }
  }
}

const nothing: Worth = () => null;

/** A custom event's `properties` are its payload, so that one rule does for what happened, however it was sent. */
function worthOfField(names: readonly string[]): Worth {
  const ofCustom = names[0] === 'properties' ? ['payload', ...names.slice(1)] : names;
  return (event) => {
    const path = event.type === 'custom' ? ofCustom : names;
    let value: unknown = event;
    for (const name of path) value = memberOf(value, name);
    return value ?? null;
  };
}

const INDEX = /^(?:0|[1-9]\d*)$/;

/** An object's own member, or a list's item by its number from 0. */
function memberOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return INDEX.test(name) ? value[Number(name)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

type Comparison = (left: unknown, right: unknown) => boolean;

const COMPARISONS: Readonly<Record<Operator, Comparison>> = {
  '=': isSame,
  '!=': (left, right) => !isSame(left, right),
  '<': ofNumbers((left, right) => left < right),
  '<=': ofNumbers((left, right) => left <= right),
  '>': ofNumbers((left, right) => left > right),
  '>=': ofNumbers((left, right) => left >= right),
  in: (item, list) => Array.isArray(list) && list.includes(item),
};

/** The same kind and the same value; for lists, the same items. Objects are not looked into. */
function isSame(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((item, place) => item === right[place]);
  return left === right;
}

function ofNumbers(compare: (left: number, right: number) => boolean): Comparison {
  return (left, right) => typeof left === 'number' && typeof right === 'number' && compare(left, right);
}
