import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METADATA_FIELDS, readMetadata } from './custom-event-metadata.ts';
import { METADATA_CHARS_MAX } from './limits.ts';
import { PATH_NODES_MAX } from './path-expression-match.ts';

const own = { writeKey: 'abc123', eventName: 'page view' };

/** What is read of an event with this metadata of its own. */
function read(metadata: unknown, event: object = {}, beside: Record<string, unknown> = {}) {
  return readMetadata({ _metarouter: metadata, ...event }, beside);
}

describe('where metadata comes from', () => {
  const full = {
    writeKey: 'abc123',
    eventName: 'page view',
    eventID: '123e4567-e89b-12d3-a456-426614174000',
    timestamp: '2021-08-17T15:10:33Z',
    anonymousID: '456e4567-e89b-12d3-a456-426614174000',
    userID: '98765',
    ip: '203.0.113.7',
  };
  const rest = { event: 'my event fields', json: 'whatever json you want' };

  test.each([
    ['_metarouter', { _metarouter: full, ...rest }, {}],
    ['_mrSchema alone', { _mrSchema: full, ...rest }, {}],
    ['_mrSchema beside a _metarouter that is null', { _mrSchema: full, _metarouter: null, ...rest }, {}],
    ['beside the body', rest, full],
    [
      'both, field by field',
      { _metarouter: { ...full, userID: undefined, ip: 'x' }, ...rest },
      { userID: '98765', ip: '203.0.113.7' },
    ],
  ])('%s', (_, body, beside) => {
    expect(readMetadata(body, beside)).toEqual({ given: full, others: {}, rest, faults: [] });
  });

  test('_mrSchema is not looked at beside _metarouter', () => {
    const { given, faults } = readMetadata({ _metarouter: own, _mrSchema: { ...own, userID: 'u' } }, {});
    expect([given, faults]).toEqual([own, []]);
  });

  test.each(METADATA_FIELDS)('%s beside the body wins over that in it', (field) => {
    const time = { inside: '2021-08-17', beside: '2022-08-17' };
    const { given } = read({ ...own, [field]: time.inside }, {}, { [field]: time.beside });
    expect(given).toEqual({ ...own, [field]: time.beside });
  });

  test('what is null or empty beside the body does not win', () => {
    for (const blank of [null, '']) {
      const { given } = read({ ...own, userID: 'u' }, {}, { userID: blank, eventName: blank });
      expect(given).toEqual({ ...own, userID: 'u' });
    }
  });

  test('an empty array is an empty object', () => {
    expect(read([], {}, own)).toMatchObject({ given: own, faults: [] });
  });

  test('unknown fields are kept as they came', () => {
    const { others } = read({ ...own, region: '{ .event }', n: 1 }, {}, { n: 2, code: ['x'] });
    expect(others).toEqual({ region: '{ .event }', n: 2, code: ['x'] });
  });
});

describe('a value in braces is a path', () => {
  const event = {
    event: 'my event fields',
    productCategory: 'kitchen',
    user: {
      id: 42,
      score: -1.5,
      active: true,
      name: '',
      big: 2 ** 60,
      tags: ['new'],
      none: null,
    },
    eventName: { text: 'inner' },
    code: '{ .user.id }',
  };

  test.each([
    ['{ ..productCategory }', 'kitchen'],
    ['{..productCategory}', 'kitchen'],
    ['{\t$.user.id\n}', '42'],
    ['{ .user.score }', '-1.5'],
    ['{ .user.active }', 'true'],
    ['{ .user.tags[0] }', 'new'],
    ['{ .code }', '{ .user.id }'],
    ['{ ..eventName.text }', 'inner'],
  ])('%s becomes the text that it leads to', (path, text) => {
    expect(read({ ...own, eventName: path, userID: path }, event)).toMatchObject({
      given: { eventName: text, userID: text },
      faults: [],
    });
  });

  test.each([...METADATA_FIELDS])('in %s too', (field) => {
    const { given, faults } = read({ ...own, [field]: '{ .at }' }, { at: '2021-08-17T15:10:33Z' });
    expect([given[field], faults]).toEqual(['2021-08-17T15:10:33Z', []]);
  });

  test('beside the body too', () => {
    expect(readMetadata(event, { ...own, eventName: '{ ..productCategory }' }).given.eventName).toBe(
      'kitchen',
    );
  });

  test.each(['kitchen { ..a }', '{ ..a } kitchen', '{', '}', 'a{b}c', ' { ..a }'])(
    '%j is a text, since braces are not all around it',
    (text) => {
      expect(read({ ...own, eventName: text }, event).given.eventName).toBe(text);
    },
  );

  test('a path does not look at the metadata itself', () => {
    const { faults } = readMetadata(
      { _metarouter: { ...own, userID: '{ ..writeKey }' }, _mrSchema: own },
      {},
    );
    expect(faults).toEqual(['userID has the path { ..writeKey }, which finds nothing in the event']);
  });

  test('an empty text at its end counts as not given', () => {
    expect(read({ ...own, userID: '{ .user.name }' }, event).given).toEqual(own);
  });

  test.each([
    ['{}', 'is empty'],
    ['{ }', 'is empty'],
    ['{ ..a }{ ..b }', 'cannot be understood at  }{ ..b'],
    [
      '{123e4567-e89b-12d3-a456-426614174000}',
      'cannot be understood at 123e4567-e89b-12d3-a456-426614174000',
    ],
    ['{ ..missing }', 'finds nothing in the event'],
    ['{ .user }', 'leads to an object: it must lead to a string, a number or a boolean'],
    ['{ .user.tags }', 'leads to an array: it must lead to a string, a number or a boolean'],
    ['{ .user.none }', 'leads to null: it must lead to a string, a number or a boolean'],
    ['{ $ }', 'leads to an object: it must lead to a string, a number or a boolean'],
    ['{ .user.big }', 'leads to a number that is too large to be exact: send it as a string'],
  ])('%s is refused', (path, fault) => {
    expect(read({ ...own, eventName: path }, event).faults).toEqual([
      `eventName has the path ${path}, which ${fault}`,
    ]);
  });

  test('a path that would look too far is refused', () => {
    const { faults } = read({ ...own, userID: '{ ..x }' }, { many: Array(PATH_NODES_MAX).fill(0) });
    expect(faults).toEqual([
      `userID has the path { ..x }, which finds nothing in the first ${PATH_NODES_MAX} values`,
    ]);
  });
});

describe('metadata is refused with every fault', () => {
  test.each<[object, string[]]>([
    [{}, ['eventName is required']],
    [{ eventName: '' }, ['eventName is required']],
    [{ eventName: null }, ['eventName is required']],
    [{ eventName: 7 }, ['eventName must be a string']],
    [
      {
        eventName: true,
        writeKey: 1,
        eventID: {},
        anonymousID: [],
        userID: 42,
        ip: false,
        timestamp: 1629213033,
      },
      [
        'eventID must be a string',
        'eventName must be a string',
        'writeKey must be a string',
        'timestamp must be a string',
        'anonymousID must be a string',
        'userID must be a string',
        'ip must be a string',
      ],
    ],
    [
      { ...own, timestamp: 'yesterday' },
      ['timestamp must be an ISO 8601 date, or date and time, in 1970–2100'],
    ],
    [
      { ...own, timestamp: '1629213033' },
      ['timestamp must be an ISO 8601 date, or date and time, in 1970–2100'],
    ],
    [{ ...own, eventID: 'e'.repeat(101) }, ['eventID must have at most 100 characters']],
    [{ ...own, eventID: '\ud800' }, ['eventID must be well-formed Unicode']],
    [{ ...own, eventID: 'e\0' }, ['eventID must not contain U+0000']],
    [
      { ...own, userID: 'u'.repeat(METADATA_CHARS_MAX + 1) },
      [`userID must have at most ${METADATA_CHARS_MAX} characters`],
    ],
  ])('%j', (metadata, faults) => {
    expect(read(metadata).faults).toEqual(faults);
  });

  test.each(['x', 1, true, ['x']])('%j in place of an object', (metadata) => {
    expect(read(metadata, {}, own).faults).toEqual(['_metarouter must be an object']);
    expect(readMetadata({ _mrSchema: metadata }, own).faults).toEqual(['_mrSchema must be an object']);
  });

  test('whatever comes, it is read or refused, and what is read are texts', () => {
    const field = fc.constantFrom(...METADATA_FIELDS, 'other');
    const value = fc.oneof(
      fc.jsonValue(),
      fc.string().map((path) => `{ ..${path} }`),
    );
    const metadata = fc.dictionary(field, value);
    fc.assert(
      fc.property(metadata, metadata, fc.dictionary(fc.string(), fc.jsonValue()), (inside, beside, event) => {
        const { given, faults } = readMetadata({ ...event, _metarouter: inside }, beside);
        for (const text of Object.values(given)) expect(text.length).toBeGreaterThan(0);
        expect(faults.length > 0 || given.eventName !== undefined).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
