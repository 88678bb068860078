import { gzipSync } from 'node:zlib';
import { DEPTH_MAX, EVENT_BYTES_DEFAULT, KEYS_MAX, REQUEST_BYTES_MAX } from '@metarouter/events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RECEIVED_AT, type ServedDoor, serveDoor } from './door.fixture.ts';

let door: ServedDoor;
beforeEach(async () => {
  door = await serveDoor();
});
afterEach(() => door[Symbol.asyncDispose]());

const PATH = '/v1/custom/event';
const rest = { event: 'my event fields', productCategory: 'kitchen' };
const own = { writeKey: 'site', eventName: 'page view' };
const byPath = { writeKey: 'site', eventName: '{ ..productCategory }' };

/** What the first stored event holds of the client's. */
function payload(): unknown {
  return door.log.events[0]?.payload;
}

/** The documented keys of an error body. */
function refusedWith(details: string, message = 'Invalid event') {
  return { Error: 'Bad Request', Message: message, Details: details, success: false };
}

describe('the documented examples', () => {
  const answered = {
    event: {
      _metarouter: {
        eventID: 'id-1',
        eventName: 'kitchen',
        writeKey: 'site',
        timestamp: '2026-03-01T12:00:00Z',
      },
      ...rest,
    },
    success: true,
  };

  test.each([
    ['in the body', PATH, { _metarouter: byPath, ...rest }, {}],
    ['under its older name', PATH, { _mrSchema: byPath, ...rest }, {}],
    [
      'in the header',
      PATH,
      rest,
      { 'X-Event-Metadata': '{"writeKey": "site", "eventName": "{ ..productCategory }"}' },
    ],
    ['in the query', `${PATH}?writeKey=site&eventName=%7B%20..productCategory%20%7D`, rest, {}],
    [
      'in the query, with a slash behind the path',
      `${PATH}/?writeKey=site&eventName=%7B..productCategory%7D`,
      rest,
      {},
    ],
  ])('metadata %s is answered with 201 and the event', async (_, path, body, headers) => {
    const { status, text } = await door.post(path, body, { Accept: 'application/json', ...headers });
    expect([status, JSON.parse(text)]).toEqual([201, answered]);
    expect(
      text.startsWith('{"event":{"_metarouter":{"eventID":"id-1","eventName":"kitchen","writeKey":"site"'),
    ).toBe(true);
  });

  test('every field is taken from the body', async () => {
    const metadata = {
      ...own,
      eventID: '123e4567-e89b-12d3-a456-426614174000',
      timestamp: '2021-08-17T15:10:33Z',
      anonymousID: '456e4567-e89b-12d3-a456-426614174000',
      userID: '98765',
    };
    const body = { event: 'my event fields', json: 'whatever json you want' };
    const { status, text } = await door.post(PATH, { _metarouter: metadata, ...body });
    expect([status, JSON.parse(text)]).toEqual([
      201,
      { event: { _metarouter: metadata, ...body }, success: true },
    ]);
    const routed = { ...metadata, ip: '127.0.0.1' };
    expect(payload()).toEqual({ ...body, _metarouter: routed, _mrSchema: routed });
    expect(door.log.records).toMatchObject([
      { source: 'site', orderKey: '98765', messageId: metadata.eventID },
    ]);
    expect(door.observer.told).toEqual(['accepted site custom 1']);
  });

  test('what is absent is made: an id, the time of receipt, the request’s address, whatever the source', async () => {
    await door.post(PATH, { _metarouter: { ...own, writeKey: 'server' } });
    const routed = { ...own, writeKey: 'server', eventID: 'id-1', timestamp: RECEIVED_AT, ip: '127.0.0.1' };
    expect(payload()).toEqual({ _metarouter: routed, _mrSchema: routed });
    expect(door.log.records).toMatchObject([{ orderKey: 'id-1', messageId: 'id-1' }]);
    expect(door.log.events[0]).not.toHaveProperty('context');
  });

  test('the body is stored byte for byte', async () => {
    const body =
      '{ "big": 12345678901234567890, "price": 1.50, "_metarouter": {"writeKey":"site","eventName":"e"} }';
    expect(
      (await door.send({ path: PATH, body: gzipSync(body), headers: { 'content-encoding': 'gzip' } })).status,
    ).toBe(201);
    const pieces = door.log.records[0]?.pieces.map((piece) => Buffer.from(piece).toString()).join('');
    expect(pieces).toContain(`"payload":${body.slice(0, -1)},"_metarouter":{`);
  });
});

describe('precedence', () => {
  const inBody = { writeKey: 'site', eventName: 'body', userID: 'body' };

  test.each([
    [
      'the header over the body, field by field',
      '',
      '{"eventName":"header"}',
      { eventName: 'header', userID: 'body' },
    ],
    [
      'without a header the query over the body',
      '?eventName=query',
      undefined,
      { eventName: 'query', userID: 'body' },
    ],
    [
      'with a header not the query',
      '?eventName=query&userID=query',
      '{"eventName":"header"}',
      { eventName: 'header', userID: 'body' },
    ],
    [
      'with a header that is empty JSON not the query',
      '?eventName=query',
      '{}',
      { eventName: 'body', userID: 'body' },
    ],
    [
      'a header without a value counts as none',
      '?eventName=query',
      '',
      { eventName: 'query', userID: 'body' },
    ],
    [
      'the first of several in the query',
      '?eventName=first&eventName=second',
      undefined,
      { eventName: 'first' },
    ],
    ['an empty field does not count', '?eventName=&userID', undefined, { eventName: 'body', userID: 'body' }],
  ])('%s', async (_, query, header, expected) => {
    const headers = header === undefined ? {} : { 'X-Event-Metadata': header };
    const { status, text } = await door.post(PATH + query, { _metarouter: inBody }, headers);
    expect([status, JSON.parse(text).event?._metarouter]).toMatchObject([201, expected]);
  });

  test('the query’s other parameters are not metadata', async () => {
    const { text } = await door.post(`${PATH}?writeKey=site&eventName=e&utm_source=x&_=123`, {});
    expect(Object.keys(JSON.parse(text).event._metarouter)).toEqual([
      'eventID',
      'eventName',
      'writeKey',
      'timestamp',
    ]);
  });

  test('a header does not let the query’s write key in', async () => {
    const { status, text } = await door.post(
      `${PATH}?writeKey=site`,
      {},
      { 'X-Event-Metadata': '{"eventName":"e"}' },
    );
    expect([status, JSON.parse(text)]).toMatchObject([400, refusedWith('', 'Invalid or missing writekey')]);
  });

  test('Basic authorization gives the write key when the metadata has none', async () => {
    const authorization = { authorization: `Basic ${Buffer.from('site:').toString('base64')}` };
    expect((await door.post(PATH, { _metarouter: { eventName: 'e' } }, authorization)).status).toBe(201);
    expect(payload()).toMatchObject({ _metarouter: { writeKey: 'site' } });
    expect(
      (await door.post(PATH, { _metarouter: { ...own, writeKey: 'server' } }, authorization)).status,
    ).toBe(201);
    expect(door.log.records.map(({ source }) => source)).toEqual(['site', 'server']);
  });
});

describe('the header', () => {
  const metadata = { ...own, eventName: 'Größe 靴' };

  test.each([
    ['UTF-8', Buffer.from(JSON.stringify(metadata)).toString('latin1'), 'Größe 靴'],
    ['percent-encoded UTF-8', encodeURIComponent(JSON.stringify(metadata)), 'Größe 靴'],
    ['JSON escapes', '{"writeKey":"site","eventName":"Gr\\u00f6\\u00dfe \\u9774"}', 'Größe 靴'],
    ['Latin-1', JSON.stringify({ ...own, eventName: 'Größe' }), 'Größe'],
  ])('may be written in %s', async (_, header, eventName) => {
    // Node writes headers in the encoding of a body that is a text.
    const body = Buffer.from(JSON.stringify(rest));
    const { status, text } = await door.send({ path: PATH, body, headers: { 'X-Event-Metadata': header } });
    expect([status, JSON.parse(text).event._metarouter.eventName]).toEqual([201, eventName]);
  });

  test.each([
    ['a text', 'writeKey=site'],
    ['broken JSON', '{"writeKey":"site"'],
    ['a list', '[{"writeKey":"site"}]'],
    ['null', 'null'],
    ['two of them', '{"writeKey":"site"}, {"eventName":"e"}'],
    ['broken percent-encoding', '%7B%ZZ'],
    ['a forbidden key', '{"__proto__":{"writeKey":"site"},"eventName":"e"}'],
    ['too deep', `{"a":${'['.repeat(DEPTH_MAX)}${']'.repeat(DEPTH_MAX)}}`],
  ])('is refused when it is %s', async (_, header) => {
    const { status, text } = await door.post(PATH, { _metarouter: own }, { 'X-Event-Metadata': header });
    expect([status, JSON.parse(text)]).toMatchObject([
      400,
      refusedWith('X-Event-Metadata must be a JSON object'),
    ]);
  });

  test('that is longer than a server takes is refused before it is looked at', async () => {
    const header = JSON.stringify({ ...own, other: 'x'.repeat(20_000) });
    expect((await door.post(PATH, {}, { 'X-Event-Metadata': header })).status).toBe(431);
  });
});

describe('refused', () => {
  test.each<[string, unknown, string]>([
    ['no name', { writeKey: 'site' }, 'eventName is required'],
    ['a number', { ...own, userID: 42 }, 'userID must be a string'],
    [
      'a time that is none',
      { ...own, timestamp: 'soon' },
      'timestamp must be an ISO 8601 date, or date and time, in 1970–2100',
    ],
    [
      'a path that finds nothing',
      { ...own, userID: '{ ..id }' },
      'userID has the path { ..id }, which finds nothing in the event',
    ],
    [
      'a path that is a program',
      { ...own, userID: '{ ..[?(@.id)] }' },
      'userID has the path { ..[?(@.id)] }, which cannot be understood at ..[?(@.id)]',
    ],
    ['no object', 'site', '_metarouter must be an object'],
  ])('metadata that is or has %s', async (_, metadata, details) => {
    const query = metadata === 'site' ? '?writeKey=site&eventName=e' : '';
    const { status, text } = await door.post(PATH + query, { _metarouter: metadata, ...rest });
    expect([status, JSON.parse(text)]).toMatchObject([400, refusedWith(details)]);
    expect(door.observer.told).toEqual(['rejected site invalid_event 1']);
  });

  test('every fault is named', async () => {
    const { text } = await door.post(PATH, { _metarouter: { writeKey: 'site', userID: 1, ip: 2 } });
    const faults = ['eventName is required', 'userID must be a string', 'ip must be a string'];
    expect(JSON.parse(text)).toMatchObject({
      ...refusedWith(faults.join('; ')),
      Errors: faults.map((details) => ({ Error: 'Bad Request', Message: 'Invalid event', Details: details })),
    });
  });

  test.each<[string, unknown, string]>([
    ['missing', undefined, ''],
    ['empty', '', ''],
    ['unknown', 'nobody', ''],
    ['disabled', 'off', ''],
    ['a number', 42, 'writeKey must be a string'],
    ['a path to nowhere', '{ .key }', 'writeKey has the path { .key }, which finds nothing in the event'],
  ])('a write key that is %s', async (_, writeKey, details) => {
    const { status, text } = await door.post(PATH, { _metarouter: { writeKey, userID: 1 } });
    expect([status, JSON.parse(text)]).toMatchObject([
      400,
      refusedWith(details, 'Invalid or missing writekey'),
    ]);
    expect(door.observer.told).toEqual(['rejected undefined invalid_write_key 1']);
  });

  test.each<[string, number, string, string]>([
    ['no JSON', 400, '{', 'the body is not a JSON object'],
    ['empty', 400, '', 'the body is not a JSON object'],
    ['a list', 400, '[]', 'the body is not a JSON object'],
    ['null', 400, 'null', 'the body is not a JSON object'],
    ['invalid UTF-8', 400, '{"a":"\xff"}', 'the body is not valid UTF-8'],
    [
      'too deep',
      400,
      `{"a":${'['.repeat(DEPTH_MAX)}${']'.repeat(DEPTH_MAX)}}`,
      `nested deeper than ${DEPTH_MAX} levels: flatten it`,
    ],
    [
      'a body with a forbidden key',
      400,
      '{"__proto__":{"_metarouter":{}}}',
      'the key __proto__ is not allowed: rename it',
    ],
    [
      'too large',
      413,
      `{"a":"${'x'.repeat(EVENT_BYTES_DEFAULT)}"}`,
      `the event has ${EVENT_BYTES_DEFAULT + 8} bytes: at most ${EVENT_BYTES_DEFAULT} are taken`,
    ],
  ])('a body that is %s', async (_, status, body, details) => {
    const answer = await door.send({
      path: `${PATH}?writeKey=site&eventName=e`,
      body: Buffer.from(body, 'latin1'),
    });
    expect([answer.status, JSON.parse(answer.text).Details]).toEqual([status, details]);
    expect(door.log.records).toEqual([]);
  });

  test('a body with too many keys, however large a body may be', async () => {
    await using roomy = await serveDoor({ eventBytesMax: REQUEST_BYTES_MAX });
    const wide = Object.fromEntries(Array.from({ length: KEYS_MAX + 1 }, (_, k) => [k, 0]));
    const { status, text } = await roomy.post(`${PATH}?writeKey=site&eventName=e`, wide);
    expect([status, JSON.parse(text)]).toMatchObject([
      400,
      refusedWith(`more than ${KEYS_MAX} keys: send fewer properties`),
    ]);
  });

  test('nothing is acknowledged that the log does not take', async () => {
    door.log.next = async () => ({ kind: 'refused', why: 'disk_full' });
    const { status, headers } = await door.post(PATH, { _metarouter: own });
    expect([status, headers['retry-after']]).toEqual([503, '30']);
  });
});
