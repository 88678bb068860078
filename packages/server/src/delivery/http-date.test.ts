import { expect, test } from 'vitest';
import { parseHttpDate } from './http-date.ts';

const NOW = 1_772_355_600_000; // 2026-03-01T09:00:00Z
const SECOND = 1_000;
const YEAR = 365 * 86_400_000;

test('all three forms of RFC 9110 are the same moment', () => {
  for (const text of [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
  ]) {
    expect(parseHttpDate(text, NOW), text).toBe(784_111_777 * SECOND);
  }
  expect(parseHttpDate('Wed Nov 16 08:49:37 1994', NOW)).toBe(784_975_777 * SECOND);
});

test('a year of two digits lies at most fifty years ahead', () => {
  const thatDay = (year: string) => parseHttpDate(`Sunday, 01-Mar-${year} 09:00:00 GMT`, NOW);
  expect(thatDay('26')).toBe(NOW);
  expect(thatDay('76')).toBeGreaterThan(NOW + 49 * YEAR);
  expect(thatDay('77')).toBeLessThan(NOW - 48 * YEAR);
});

test('dates beyond what a clock shows are far off, whichever way', () => {
  expect(parseHttpDate('Fri, 31 Dec 9999 23:59:59 GMT', NOW)).toBeGreaterThan(NOW + 50 * YEAR);
  expect(parseHttpDate('Mon, 29 Feb 2104 00:00:00 GMT', NOW)).toBeGreaterThan(NOW + 50 * YEAR);
  expect(parseHttpDate('Thu, 01 Jan 1970 00:00:00 GMT', NOW)).toBeLessThan(NOW - 50 * YEAR);
  expect(parseHttpDate('Mon, 01 Jan 0001 00:00:00 GMT', NOW)).toBeLessThan(NOW - 50 * YEAR);
});

test.each([
  '',
  'soon',
  '2026-03-01T09:00:00Z',
  'Sun, 01 Mar 2026 09:00:00',
  'Sun, 01 Mar 2026 09:00:00 CET',
  'Sun, 32 Mar 2026 09:00:00 GMT',
  'Sun, 01 Foo 2026 09:00:00 GMT',
  'Sun, 01 Mar 2026 25:00:00 GMT',
  'Sunday, 01-Mar-2026 09:00:00 GMT',
  'Sun Mar 1 09:00:00 2026',
])('%j is no date', (text) => {
  expect(parseHttpDate(text, NOW)).toBeUndefined();
});
