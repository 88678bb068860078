import { describe, expect, test } from 'vitest';
import { type AcceptedCustom, acceptCustom, asTrack, type CustomCircumstances } from './custom-event.ts';
import { readMetadata } from './custom-event-metadata.ts';
import { type CustomEvent, parseEvent } from './event.ts';
import { momentOf } from './stamps.ts';

const received = momentOf(Date.parse('2026-03-01T12:00:00.789Z'));

const circumstances: CustomCircumstances = {
  writeKey: 'example',
  received,
  newId: () => 'made-id',
  requestIp: '10.0.0.1',
  isUsersIp: true,
};

function accepted(body: string, on: Partial<CustomCircumstances> = {}): AcceptedCustom {
  const value = JSON.parse(body);
  const verdict = acceptCustom(value, readMetadata(value, { eventName: 'kitchen' }), {
    ...circumstances,
    ...on,
  });
  if (verdict.kind === 'refused') throw new Error(verdict.faults.join('; '));
  return verdict;
}

/** What the log would keep: the body as it came, between what is put around it. */
function stored(body: string, on: Partial<CustomCircumstances> = {}): string {
  const { opening, ending } = accepted(body, on);
  return `${opening}${body.slice(0, -1)}${ending}`;
}

/** The event that lanes get. */
function eventOf(body: object, on: Partial<CustomCircumstances> = {}): CustomEvent {
  const event = parseEvent(stored(JSON.stringify(body), on));
  if (event?.type !== 'custom') throw new Error('what is stored is no custom event');
  return event;
}

describe('the event that is routed', () => {
  const made = { eventID: 'made-id', eventName: 'kitchen', writeKey: 'example', timestamp: received.text };

  test('is what came, with its metadata completed and mirrored', () => {
    const metadata = { ...made, ip: '10.0.0.1' };
    expect(eventOf({ productCategory: 'kitchen' })).toEqual({
      type: 'custom',
      event: 'kitchen',
      messageId: 'made-id',
      timestamp: received.text,
      receivedAt: received.text,
      context: { ip: '10.0.0.1' },
      payload: { productCategory: 'kitchen', _metarouter: metadata, _mrSchema: metadata },
    });
  });

  test('has what the client gave, unknown fields of its metadata included', () => {
    const metadata = {
      eventID: 'e1',
      eventName: 'page view',
      writeKey: 'example',
      timestamp: '2021-08-17T15:10:33Z',
      anonymousID: 'a1',
      userID: 'u1',
      ip: '203.0.113.7',
      region: 'EU',
    };
    const body = { _metarouter: { ...metadata, eventName: 'overridden' }, _mrSchema: { eventName: 'old' } };
    const { payload, ...frame } = eventOf(body);
    expect(payload).toEqual({
      _metarouter: { ...metadata, eventName: 'kitchen' },
      _mrSchema: { ...metadata, eventName: 'kitchen' },
    });
    expect(frame).toMatchObject({
      messageId: 'e1',
      userId: 'u1',
      anonymousId: 'a1',
      timestamp: '2021-08-17T15:10:33Z',
      originalTimestamp: '2021-08-17T15:10:33Z',
      context: { ip: '203.0.113.7' },
    });
  });

  test('may have members that are called like those of other events', () => {
    const body = {
      type: 'purchase',
      event: { id: 1 },
      messageId: 7,
      userId: null,
      timestamp: 'soon',
      integrations: { All: false },
      payload: [],
      writeKey: 'w',
    };
    const event = eventOf(body);
    expect(event.payload).toMatchObject(body);
    expect(event).toMatchObject({ type: 'custom', messageId: 'made-id' });
    expect(event.integrations).toBeUndefined();
  });

  test('keeps every digit and spelling of what came', () => {
    const body = '{ "big":12345678901234567890, "price":1.50, "text":"\\u00e9\\ud800" }';
    expect(stored(body)).toContain(
      '"payload":{ "big":12345678901234567890, "price":1.50, "text":"\\u00e9\\ud800" ,',
    );
  });

  test('can come from an empty body', () => {
    expect(stored('{}')).toContain('"payload":{"_metarouter":');
    expect(eventOf({}).payload).toMatchObject({ _metarouter: made });
  });

  test('has the request’s address for any source, but a server’s does not stand for the user’s', () => {
    const { payload, context } = eventOf({}, { isUsersIp: false });
    expect([payload._metarouter, context]).toMatchObject([{ ip: '10.0.0.1' }, undefined]);
    const given = eventOf({ _metarouter: { ip: '1.1.1.1' } }, { isUsersIp: false });
    expect([given.payload._metarouter, given.context]).toMatchObject([{ ip: '1.1.1.1' }, { ip: '1.1.1.1' }]);
  });

  test('has no address when none is known', () => {
    expect(eventOf({}, { requestIp: undefined }).payload._metarouter).toEqual(made);
  });

  test.each([
    [{ userID: 'u\n', anonymousID: 'a', eventID: 'e' }, 'u '],
    [{ anonymousID: 'a', eventID: 'e' }, 'a'],
    [{ eventID: 'e' }, 'e'],
    [{}, 'made-id'],
  ])('keeps the order of its user: %j', (metadata, orderKey) => {
    expect(accepted(JSON.stringify({ _metarouter: metadata })).orderKey).toBe(orderKey);
  });
});

describe('the answer', () => {
  test('shows the documented metadata and what came, without the mirror and the address', () => {
    const { answer } = accepted(
      '{"event":"my event fields","_mrSchema":{"userID":"u"},"productCategory":"kitchen"}',
    );
    expect(JSON.parse(answer)).toEqual({
      event: {
        _metarouter: {
          eventID: 'made-id',
          eventName: 'kitchen',
          writeKey: 'example',
          timestamp: '2026-03-01T12:00:00Z',
          userID: 'u',
        },
        event: 'my event fields',
        productCategory: 'kitchen',
      },
      success: true,
    });
  });

  test.each([
    ['2021-08-17T15:10:33Z', '2021-08-17T15:10:33Z'],
    ['2021-08-17T17:10:33.999+02:00', '2021-08-17T15:10:33Z'],
    ['2021-08-17', '2021-08-17T00:00:00Z'],
  ])('has a time of %s as %s', (given, shown) => {
    const { answer } = accepted(JSON.stringify({ _metarouter: { timestamp: given } }));
    expect(JSON.parse(answer).event._metarouter.timestamp).toBe(shown);
  });
});

test('metadata with faults is refused', () => {
  const body = { _metarouter: { userID: 1 } };
  expect(acceptCustom(body, readMetadata(body, {}), circumstances)).toEqual({
    kind: 'refused',
    faults: ['eventName is required', 'userID must be a string'],
  });
});

test('destinations that know only the six calls see a track call', () => {
  expect(asTrack(eventOf({ _metarouter: { userID: 'u' }, productCategory: 'kitchen', event: 'x' }))).toEqual({
    type: 'track',
    event: 'kitchen',
    messageId: 'made-id',
    userId: 'u',
    timestamp: received.text,
    receivedAt: received.text,
    context: { ip: '10.0.0.1' },
    properties: { productCategory: 'kitchen', event: 'x' },
  });
});

test.each([
  ['without a name', { event: undefined }],
  ['without a payload', { payload: undefined }],
  ['whose payload is a list', { payload: [] }],
])('a stored custom event %s is no event', (_, change) => {
  expect(parseEvent({ ...eventOf({}), ...change })).toBeUndefined();
});
