import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIsoTime, parseIsoTime } from './iso-time.ts';

const anyTime = fc.integer({ min: 0, max: 4_133_980_799_999 });

test('every millisecond of 1970–2100 is written as the platform writes it, and read back', () => {
  fc.assert(
    fc.property(anyTime, (time) => {
      expect(formatIsoTime(time)).toBe(new Date(time).toISOString());
      expect(parseIsoTime(formatIsoTime(time))).toBe(time);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['2015-11-10', '2015-11-10T00:00:00.000Z'],
  ['2015-11-10T00:45', '2015-11-10T00:45:00.000Z'],
  ['2015-11-10T00:45:23', '2015-11-10T00:45:23.000Z'],
  ['2015-11-10 00:45:23Z', '2015-11-10T00:45:23.000Z'],
  ['2015-11-10T00:45:23.4Z', '2015-11-10T00:45:23.400Z'],
  ['2015-11-10T00:45:23.412999+00:00', '2015-11-10T00:45:23.412Z'],
  ['2015-11-10T00:45:23.412345678Z', '2015-11-10T00:45:23.412Z'],
  ['2015-11-10T00:45:23+02:00', '2015-11-09T22:45:23.000Z'],
  ['2015-11-10T00:45:23-0530', '2015-11-10T06:15:23.000Z'],
  ['2016-02-29T12:00:00Z', '2016-02-29T12:00:00.000Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
])('%s is %s', (text, utc) => {
  expect(parseIsoTime(text)).toBe(Date.parse(utc));
});

test.each([
  '',
  'yesterday',
  '2015',
  '2015-11',
  '2015-13-01',
  '2015-00-01',
  '2015-11-31',
  '2015-11-00',
  '2015-02-29',
  '1900-02-29',
  '2015-11-10T24:00:00Z',
  '2015-11-10T00:60:00Z',
  '2015-11-10T00:45:61Z',
  '2015-11-10T',
  '2015-11-10T00',
  '2015-11-10Z',
  '1969-12-31T23:59:59Z',
  '2101-01-01T00:00:00Z',
  '9999-12-31T00:00:00Z',
  '+012015-11-10T00:00:00Z',
  '0000-01-01',
  '2015-11-10T00:45:23.Z',
  '2015-11-10T00:45:23.412Z ',
  'Tue Nov 10 2015',
  1447116323412,
  null,
  undefined,
  {},
])('%j is not a time', (given) => {
  expect(parseIsoTime(given)).toBeUndefined();
});
