import { expect, test } from 'vitest';
import { optionalNumber } from './number-field.ts';

const field = optionalNumber({ label: 'Size', description: 'How many.', range: { min: 1, max: 500 } });

test.each([1, 2, 500, undefined])('%j is what handlers see', (stored) => {
  expect(field.read(stored)).toEqual({ ok: true, value: stored });
});

test.each([0, 501, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '7', '', null, true, [7]])(
  '%j is refused, with the range',
  (stored) => {
    const message = 'must be a whole number from 1 to 500';
    expect(field.read(stored)).toEqual({ ok: false, faults: [{ path: '', message }] });
  },
);
