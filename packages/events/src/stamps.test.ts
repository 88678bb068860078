import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIsoTime, parseIsoTime } from './iso-time.ts';
import { correctTimestamp, momentOf, SKEW_MAX } from './stamps.ts';

const received = momentOf(Date.parse('2026-03-01T12:00:00.000Z'));

test.each([
  [
    'a clock that is an hour ahead',
    '2026-03-01T12:59:30.000Z',
    '2026-03-01T13:00:00.000Z',
    '2026-03-01T11:59:30.000Z',
  ],
  [
    'a clock that stands in 1999',
    '1999-01-01T00:00:00.000Z',
    '1999-01-02T00:00:00.000Z',
    '2026-02-28T12:00:00.000Z',
  ],
  [
    'an event sent at once',
    '2026-03-01T11:59:59.000Z',
    '2026-03-01T11:59:59.000Z',
    '2026-03-01T12:00:00.000Z',
  ],
  [
    'an event dated after its sending',
    '2026-03-01T12:00:05Z',
    '2026-03-01T12:00:00Z',
    '2026-03-01T12:00:05.000Z',
  ],
  [
    'other zones and precisions',
    '2026-03-01T13:59:30.123456+02:00',
    '2026-03-01T07:00:00-05:00',
    '2026-03-01T11:59:30.123Z',
  ],
  ['exactly 30 days', '2026-01-01T00:00:00.000Z', '2026-01-31T00:00:00.000Z', '2026-01-30T12:00:00.000Z'],
  [
    'a millisecond over 30 days',
    '2026-01-01T00:00:00.000Z',
    '2026-01-31T00:00:00.001Z',
    '2026-01-01T00:00:00.000Z',
  ],
  ['an import without sentAt', '2015-11-10T00:45:23.412Z', undefined, '2015-11-10T00:45:23.412Z'],
  ['a sentAt that is no date', '2015-11-10T02:45:23+02:00', 'now', '2015-11-10T02:45:23+02:00'],
  ['no time at all', undefined, '2026-03-01T12:00:00.000Z', received.text],
  ['a time that is no date', 'yesterday', '2026-03-01T12:00:00.000Z', received.text],
  ['a time beyond all calendars', '9999-12-31T23:59:59.999Z', undefined, received.text],
  ['a number in place of a date', 1_447_116_323_412, undefined, received.text],
])('%s', (_, given, sentAt, expected) => {
  expect(correctTimestamp(given, parseIsoTime(given), parseIsoTime(sentAt), received)).toBe(expected);
});

test('whatever the client gives, the timestamp is a date in 1970–2100', () => {
  const text = fc.oneof(
    fc.anything(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.integer({ min: 0, max: 4_133_980_799_999 }).map(formatIsoTime),
  );
  fc.assert(
    fc.property(text, text, (given, sentAt) => {
      const timestamp = correctTimestamp(given, parseIsoTime(given), parseIsoTime(sentAt), received);
      expect(parseIsoTime(timestamp)).toBeTypeOf('number');
      expect(Number.isNaN(Date.parse(timestamp))).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test('a client’s clock that is wrong by any constant changes nothing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: SKEW_MAX }),
      fc.integer({ min: -1e12, max: 1e12 }),
      (delay, wrong) => {
        const sent = received.time + wrong;
        const happened = sent - delay;
        const timestamp = correctTimestamp(formatIsoTime(happened), happened, sent, received);
        expect(parseIsoTime(timestamp)).toBe(received.time - delay);
      },
    ),
  );
});
