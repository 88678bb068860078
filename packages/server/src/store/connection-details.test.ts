import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changeDetails, mergeDetails, NO_DETAILS, openDetails, type Sealing } from './connection-details.ts';

/** Seals so that a test can read it: secret are the fields with these names. */
function sealing(...secrets: readonly string[]): Sealing {
  return { isSecret: (field) => secrets.includes(field), seal: (field, text) => `${field}|${text}` };
}

function open(field: string, sealed: string): string {
  if (!sealed.startsWith(`${field}|`)) throw new Error('it was sealed for another field');
  return sealed.slice(field.length + 1);
}

describe('a change of details', () => {
  test('replaces what is given, clears what is null, and leaves the rest', () => {
    const given = { a: [1], b: null, c: null };
    expect(mergeDetails({ a: 1, b: { c: 2 }, d: 3 }, given)).toEqual({ a: [1], d: 3 });
  });

  test('does the same to what is stored as to what is opened', () => {
    const names = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
    const given = fc.dictionary(names, fc.option(fc.jsonValue()), { noNullPrototype: false });
    const sealer = fc.subarray(['a', 'b', '__proto__', 'constructor']).map((names) => sealing(...names));
    fc.assert(
      fc.property(fc.array(given), sealer, (changes, rules) => {
        const stored = changes.reduce((values, change) => changeDetails(values, change, rules), NO_DETAILS);
        const merged = changes.reduce(mergeDetails, {});
        expect(openDetails(stored, open)).toEqual({ details: merged, unreadable: [] });
        expect(Object.keys(stored.details).filter(rules.isSecret)).toEqual([]);
      }),
    );
  });

  test('seals a stored value whose field has become secret, though it is not given', () => {
    const stored = changeDetails(NO_DETAILS, { user: 'ada', key: 'k' }, sealing());
    expect(changeDetails(stored, {}, sealing('key'))).toEqual({
      details: { user: 'ada' },
      secrets: { key: 'key|"k"' },
    });
  });

  test('leaves sealed what is no secret any more, until it is given anew', () => {
    const stored = changeDetails(NO_DETAILS, { key: 'k' }, sealing('key'));
    expect(changeDetails(stored, {}, sealing())).toEqual(stored);
    expect(changeDetails(stored, { key: 'l' }, sealing())).toEqual({ details: { key: 'l' }, secrets: {} });
  });
});

test('a secret that does not open is named and left out, and the others open', () => {
  const secrets = { key: 'key|"k"', token: 'key|"k"', broken: 'broken|{' };
  expect(openDetails({ details: { user: 'ada' }, secrets }, open)).toEqual({
    details: { user: 'ada', key: 'k' },
    unreadable: ['token', 'broken'],
  });
});
