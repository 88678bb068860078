import { describe, expect, test } from 'vitest';
import type { Event } from './event.ts';
import { compileFilter, FILTER_RULES_MAX, type FilterRule, RULE_NAME_CHARS_MAX } from './filter.ts';

const order: Event = {
  type: 'track',
  event: 'Order Completed',
  messageId: 'm',
  userId: 'ada',
  timestamp: '',
  receivedAt: '',
  properties: { total: 12 },
};

function leftOutBy(rules: readonly FilterRule[], event: Event): string | undefined {
  const reading = compileFilter(rules);
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return reading.filter(event);
}

function faultsOf(rules: readonly FilterRule[]) {
  const reading = compileFilter(rules);
  return reading.ok ? [] : reading.faults.map(({ path, message }) => `${path} ${message}`);
}

describe('an event goes through', () => {
  test('when there is no rule', () => {
    expect(leftOutBy([], order)).toBeUndefined();
  });

  test('when every only holds and no drop does', () => {
    const rules = [
      { name: 'Orders only', only: 'event = "Order Completed"' },
      { name: 'Worth it', only: 'properties.total > 10' },
      { name: 'No test users', drop: 'contains(userId, "test")' },
    ];
    expect(leftOutBy(rules, order)).toBeUndefined();
    expect(leftOutBy(rules, { ...order, userId: 'test-1' })).toBe('No test users');
    expect(leftOutBy(rules, { ...order, properties: { total: 10 } })).toBe('Worth it');
  });

  test('and otherwise the first rule that leaves it out is named', () => {
    const rules = [
      { name: 'first', drop: 'event = "other"' },
      { name: 'second', only: 'event = "other"' },
      { name: 'third', drop: 'true' },
    ];
    expect(leftOutBy(rules, order)).toBe('second');
    expect(leftOutBy(rules.toReversed(), order)).toBe('third');
    expect(leftOutBy(rules, { ...order, event: 'other' })).toBe('first');
  });

  test('when what its fields lack decides nothing', () => {
    expect(leftOutBy([{ name: 'only', only: 'context.page.path = "/"' }], order)).toBe('only');
    expect(leftOutBy([{ name: 'drop', drop: 'context.page.path = "/"' }], order)).toBeUndefined();
  });
});

describe('what is wrong with a filter is said, all of it', () => {
  test('rules without a name, with one that is long, or there already', () => {
    const long = 'x'.repeat(RULE_NAME_CHARS_MAX + 1);
    const rules = ['a', ' ', 'a', long].map((name) => ({ name, only: 'true' }));
    expect(faultsOf(rules)).toEqual([
      'filter[1].name is empty; give a name',
      "filter[2].name 'a' is there twice; give one of them another name",
      `filter[3].name is longer than ${RULE_NAME_CHARS_MAX} characters`,
    ]);
    expect(faultsOf([{ name: long.slice(1), only: 'true' }])).toEqual([]);
  });

  test('rules with no condition or two, and conditions that cannot be understood', () => {
    const rules = [
      { name: 'a' },
      { name: 'b', only: 'true', drop: 'true' },
      { name: 'c', only: 'type = ' },
      { name: 'd', drop: 'foo(1)' },
    ];
    expect(faultsOf(rules)).toEqual([
      'filter[0] has neither only nor drop; give one of them',
      'filter[1] has both only and drop; give one of them',
      'filter[2].only column 8 of the condition: expected a field, a value or a function, found the end',
      'filter[3].drop column 1 of the condition: there is no such function; known are match, contains, length, lowercase, uppercase, typeof',
    ]);
  });

  test('more rules than there may be', () => {
    const rules = Array.from({ length: FILTER_RULES_MAX + 1 }, (_, at) => ({ name: `${at}`, only: 'true' }));
    expect(faultsOf(rules)).toEqual([
      `filter has more than ${FILTER_RULES_MAX} rules; join some with 'and' or 'or'`,
    ]);
    expect(faultsOf(rules.slice(1))).toEqual([]);
  });
});
