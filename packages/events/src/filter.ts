import type { Event } from './event.ts';
import { type Condition, compileCondition } from './filter-condition.ts';

/** The most rules of one filter. They are tried one after the other for every event. */
export const FILTER_RULES_MAX = 50;

/** The longest name of a rule, in UTF-16 units: it stands in traces and counts. */
export const RULE_NAME_CHARS_MAX = 100;

/** One rule of a filter. It has exactly one of `only` and `drop`: a condition as docs/filters.md describes it. */
export interface FilterRule {
  /** Unique in its filter. It is what people are told when the rule leaves an event out. */
  readonly name: string;
  /** Leaves out the events for which it does not hold. */
  readonly only?: string | undefined;
  /** Leaves out the events for which it holds. */
  readonly drop?: string | undefined;
}

/** The name of the first rule that leaves an event out; undefined when it goes through. Never throws. */
export type Filter = (event: Event) => string | undefined;

/** Something wrong with a filter. */
export interface FilterFault {
  /** The place, from `filter`: `filter[2].only`. */
  readonly path: string;
  /** What is wrong, and the remedy. */
  readonly message: string;
}

/** A filter, or everything that is wrong with its rules. */
export type FilterReading =
  | { readonly ok: true; readonly filter: Filter }
  | { readonly ok: false; readonly faults: readonly FilterFault[] };

/** Makes a filter of its rules. Without any, every event goes through. Never throws. */
export function compileFilter(rules: readonly FilterRule[]): FilterReading {
  const faults: FilterFault[] = [];
  if (rules.length > FILTER_RULES_MAX) {
    faults.push({
      path: 'filter',
      message: `has more than ${FILTER_RULES_MAX} rules; join some with 'and' or 'or'`,
    });
    return { ok: false, faults };
  }
  const names = new Set<string>();
  const compiled = rules.flatMap((rule, place) => {
    const path = `filter[${place}]`;
    const fault = nameFault(rule.name, names);
    if (fault !== undefined) faults.push({ path: `${path}.name`, message: fault });
    names.add(rule.name);
    return compileRule(rule, path, faults) ?? [];
  });
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, filter: (event) => compiled.find((rule) => rule.holds(event) === rule.leavesOut)?.name };
}

interface CompiledRule {
  readonly name: string;
  readonly holds: Condition;
  /** The answer of the condition at which the event is left out. */
  readonly leavesOut: boolean;
}

function nameFault(name: string, others: ReadonlySet<string>): string | undefined {
  if (name.trim() === '') return 'is empty; give a name';
  if (name.length > RULE_NAME_CHARS_MAX) return `is longer than ${RULE_NAME_CHARS_MAX} characters`;
  return others.has(name) ? `'${name}' is there twice; give one of them another name` : undefined;
}

function compileRule(
  { name, only, drop }: FilterRule,
  path: string,
  faults: FilterFault[],
): CompiledRule | undefined {
  const text = only ?? drop;
  if (text === undefined || (only !== undefined && drop !== undefined)) {
    const reason = text === undefined ? 'has neither only nor drop' : 'has both only and drop';
    faults.push({ path, message: `${reason}; give one of them` });
    return undefined;
  }
  const reading = compileCondition(text);
  if ('holds' in reading) return { name, holds: reading.holds, leavesOut: only === undefined };
  faults.push({
    path: `${path}.${only === undefined ? 'drop' : 'only'}`,
    message: `column ${reading.column} of the condition: ${reading.fault}`,
  });
  return undefined;
}
