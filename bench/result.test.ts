import { expect, test } from 'vitest';
import { atMost, comparedWith, replaced, tableOf } from './result.ts';

const TARGET = { reach: 0.9, goal: 1.2 };

test.each([
  { product: 90, ok: true },
  { product: 89.9, ok: false },
])('$product beside a baseline of 100 and a reach of 0.9 is ok: $ok', ({ product, ok }) => {
  const result = comparedWith({ bench: 'flow', unit: 'events/s', baseline: 100, product }, TARGET);
  expect(result).toMatchObject({ bound: 'least ratio', ok });
});

test('a baseline that did nothing is no baseline', () => {
  const compare = () => comparedWith({ bench: 'flow', unit: 'events/s', baseline: 0, product: 1 }, TARGET);
  expect(compare).toThrow('The baseline of flow did nothing');
});

test.each([
  { value: 50, ok: true },
  { value: 50.1, ok: false },
  { value: Number.NaN, ok: false },
])('$value ms with a reach of 50 ms is ok: $ok', ({ value, ok }) => {
  const result = atMost({ bench: 'wait', unit: 'ms', value }, { reach: 50, goal: 20 });
  expect(result).toMatchObject({ bound: 'most value', baseline: null, ratio: null, ok });
});

test('a figure that must be small may show the baseline that its bounds come from', () => {
  const result = atMost({ bench: 'wait', unit: 'ms', value: 30, baseline: 20 }, { reach: 72, goal: 32 });
  expect(result).toMatchObject({ value: 30, baseline: 20, ratio: 1.5, reach: 72, ok: true });
});

test('what was measured is rounded, but judged before that', () => {
  const result = atMost({ bench: 'wait', unit: 'ms', value: 50.04 }, { reach: 50, goal: 20 });
  expect(result).toMatchObject({ value: 50, ok: false });
});

test('the table says which way each bound goes, and what falls short', () => {
  const table = tableOf([
    comparedWith({ bench: 'flow', unit: 'events/s', baseline: 20_000, product: 19_000 }, TARGET),
    atMost({ bench: 'wait', unit: 'ms', value: 60 }, { reach: 50, goal: 20 }),
  ]);
  expect(table).toMatchInlineSnapshot(`
    "bench  value            baseline  ratio  reach        goal
    flow   19,000 events/s  20,000    0.95   ratio ≥ 0.9  ≥ 1.2  ok
    wait   60 ms                             value ≤ 50   ≤ 20   SHORT"
  `);
});

test('what is measured anew replaces its lines of an earlier run, and the others stay as they were', () => {
  const flow = comparedWith({ bench: 'flow', unit: 'events/s', baseline: 100, product: 90 }, TARGET);
  const earlier = [
    { bench: 'wait', value: 7 },
    { bench: 'gone', value: 8 },
    { bench: 'flow', value: 9 },
    null,
  ];
  expect(replaced(earlier, [flow], ['start', 'flow', 'wait'])).toEqual([flow, { bench: 'wait', value: 7 }]);
  expect(replaced('no list', [flow], ['flow'])).toEqual([flow]);
});
