import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Accepted, accept, type Circumstances } from './accept.ts';
import { bodyOf } from './body.fixture.ts';
import { type Call, isObject } from './call.ts';
import { CALLS, type CallType, isCallType, parseEvent } from './event.ts';
import { Inheritance } from './inheritance.ts';
import { mergeDeep } from './json.ts';
import { readCalls } from './read-calls.ts';
import { momentOf } from './stamps.ts';
import { textOfUtf8, utf8 } from './utf8.fixture.ts';

const received = momentOf(Date.parse('2026-03-01T12:00:00.000Z'));

/** A single call, as the door reads it. */
function callIn(text: string): Call {
  const calls = readCalls(bodyOf(utf8(text)), false);
  if (calls === undefined) throw new Error(`no call: ${text}`);
  return calls.root;
}

function circumstances(type: CallType | undefined, batch: object = {}): Circumstances {
  const inherited = new Inheritance(callIn(JSON.stringify(batch)));
  return { type, received, inherited, newId: () => 'made-id' };
}

/** What the log would keep: the received text with the splices put in. */
function spliced(text: string, { splice, contextSplice }: Accepted): string {
  const bytes = utf8(text);
  const { end, context } = callIn(text);
  const inside = contextSplice !== '' && isObject(context) ? context.end : 0;
  const before = textOfUtf8(bytes.slice(0, inside));
  return `${before}${contextSplice}${textOfUtf8(bytes.slice(inside, end))}${splice}}`;
}

/** The event that a call becomes. */
function eventOf(call: object, on = circumstances('track'), clientIp?: string): Record<string, unknown> {
  const text = JSON.stringify(call);
  const verdict = accept(callIn(text), on, clientIp);
  if (verdict.kind === 'refused') throw new Error(verdict.faults.join('; '));
  return JSON.parse(spliced(text, verdict));
}

function faultsOf(call: object, on = circumstances('track')): readonly string[] {
  const verdict = accept(callIn(JSON.stringify(call)), on, undefined);
  return verdict.kind === 'refused' ? verdict.faults : [];
}

const track = { event: 'Added File', userId: 'u1', messageId: 'm1' };

describe('what is required', () => {
  test.each<[CallType, object, string[]]>([
    ['track', { userId: 'u' }, ['event is required']],
    ['track', { userId: 'u', event: '' }, ['event is required']],
    ['track', { userId: 'u', event: 7 }, ['event must be a string']],
    ['track', {}, ['userId or anonymousId is required', 'event is required']],
    ['identify', { userId: '', anonymousId: null }, ['userId or anonymousId is required']],
    ['identify', { userId: 'u', traits: 'x' }, ['traits must be an object']],
    [
      'page',
      { userId: 'u', name: {}, properties: [1] },
      ['name must be a string', 'properties must be an object'],
    ],
    [
      'screen',
      { anonymousId: 'a', context: 'x', integrations: 1 },
      ['integrations must be an object', 'context must be an object'],
    ],
    ['group', { userId: 'u' }, ['groupId is required']],
    ['group', { userId: 'u', groupId: ['g'] }, ['groupId must be a string']],
    ['alias', { userId: 'u' }, ['previousId is required']],
    ['alias', { userId: true, previousId: 'p' }, ['userId must be a string']],
    ['identify', { userId: 2 ** 53, anonymousId: 'a' }, ['userId must be a string']],
    ['identify', { userId: 'u', messageId: {} }, ['messageId must be a string']],
    ['identify', { userId: 'u', messageId: 'm'.repeat(101) }, ['messageId must have at most 100 characters']],
    ['identify', { userId: 'u', messageId: '\ud800' }, ['messageId must be well-formed Unicode']],
    ['identify', { userId: 'u', messageId: 'm\0' }, ['messageId must not contain U+0000']],
  ])('a %s of %j is refused with every fault', (type, call, faults) => {
    expect(faultsOf(call, circumstances(type))).toEqual(faults);
  });

  test('in a batch each call names one of the six types', () => {
    for (const type of Object.keys(CALLS)) {
      const call = { type, userId: 'u', event: 'e', groupId: 'g', previousId: 'p' };
      expect(faultsOf(call, circumstances(undefined))).toEqual([]);
    }
    for (const type of [undefined, null, 'Track', 'toString', 1]) {
      const faults = ['type must be one of identify, track, page, screen, group, alias'];
      expect(faultsOf({ type, userId: 'u' }, circumstances(undefined))).toEqual(faults);
    }
  });

  test('whatever a call holds, it is accepted or refused, never an error', () => {
    const field = fc.constantFrom(
      'userId',
      'anonymousId',
      'messageId',
      'event',
      'eventName',
      'timestamp',
      'sentAt',
      'context',
      'integrations',
      'properties',
      'traits',
      'name',
      'groupId',
      'previousId',
      'originalTimestamp',
    );
    const type = fc.constantFrom(...Object.keys(CALLS).filter(isCallType));
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue()), type, fc.boolean(), (call, type, ip) => {
        const text = JSON.stringify(call);
        const verdict = accept(callIn(text), circumstances(type), ip ? '10.0.0.1' : undefined);
        if (verdict.kind === 'refused') expect(verdict.faults.length).toBeGreaterThan(0);
        else expect(parseEvent(spliced(text, verdict))).toMatchObject({ type, messageId: verdict.messageId });
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what becomes of a call', () => {
  test('the received bytes stay, and only what the door knows better is added', () => {
    const text =
      '{ "userId":"u1", "n":1.50, "big":12345678901234567890, "event":"e", "messageId":"m","type":"track" }';
    const verdict = accept(callIn(text), circumstances('track'), undefined);
    expect(verdict).toEqual({
      kind: 'accepted',
      type: 'track',
      messageId: 'm',
      orderKey: 'u1',
      splice: ',"receivedAt":"2026-03-01T12:00:00.000Z","timestamp":"2026-03-01T12:00:00.000Z"',
      contextSplice: '',
    });
  });

  test.each<[string, object, object]>([
    ['the route’s type wins', { ...track, type: 'page' }, { type: 'track' }],
    ['a missing messageId is made', { ...track, messageId: null }, { messageId: 'made-id' }],
    [
      'numbers become the texts of their digits',
      { ...track, userId: 42, anonymousId: -1.5, messageId: 7 },
      { userId: '42', anonymousId: '-1.5', messageId: '7' },
    ],
    ['eventName is the event’s name', { userId: 'u', eventName: 'Bought "it"' }, { event: 'Bought "it"' }],
    ['event wins over eventName', { ...track, eventName: 'other' }, { event: 'Added File' }],
    [
      'an empty array is an empty object',
      { ...track, properties: [], context: [], integrations: [] },
      { properties: {}, context: {}, integrations: {} },
    ],
    [
      'the client’s receivedAt does not count',
      { ...track, receivedAt: '2001-01-01' },
      { receivedAt: received.text },
    ],
    ['unknown keys are kept', { ...track, section: 'Blog', $x: [1] }, { section: 'Blog', $x: [1] }],
  ])('%s', (_, call, expected) => {
    expect(eventOf(call)).toMatchObject(expected);
  });

  test.each<[string, object, object]>([
    [
      'corrected for the clock’s skew',
      { timestamp: '2020-01-01T00:00:00Z', sentAt: '2020-01-01T00:00:10Z' },
      { timestamp: '2026-03-01T11:59:50.000Z', originalTimestamp: '2020-01-01T00:00:00Z' },
    ],
    [
      'as given without sentAt',
      { timestamp: '2020-01-01' },
      { timestamp: '2020-01-01', originalTimestamp: '2020-01-01' },
    ],
    [
      'taken from originalTimestamp',
      { originalTimestamp: '2020-01-01' },
      { timestamp: '2020-01-01', originalTimestamp: '2020-01-01' },
    ],
    [
      'from timestamp when both are given',
      { timestamp: '2020-01-02', originalTimestamp: '2020-01-01' },
      { timestamp: '2020-01-02', originalTimestamp: '2020-01-02' },
    ],
    [
      'ours when it is no date, the original kept',
      { timestamp: 'soon' },
      { timestamp: received.text, originalTimestamp: 'soon' },
    ],
    [
      'ours when it is no text, the original kept',
      { timestamp: { a: 1 } },
      { timestamp: received.text, originalTimestamp: { a: 1 } },
    ],
  ])('the timestamp is %s', (_, stamps, expected) => {
    expect(eventOf({ ...track, ...stamps })).toMatchObject({ ...expected, receivedAt: received.text });
  });

  test.each([{ userId: 'a\0b\u0085' }, { anonymousId: 'a\nb\u001f' }])(
    'control characters in %j stay in the event, not in its order key',
    (ids) => {
      const call = { event: 'e', ...ids };
      expect(accept(callIn(JSON.stringify(call)), circumstances('track'), undefined)).toMatchObject({
        orderKey: 'a b ',
      });
      expect(eventOf(call)).toMatchObject(ids);
    },
  );

  test('without a time the event has no originalTimestamp', () => {
    expect(eventOf(track)).not.toHaveProperty('originalTimestamp');
  });
});

describe('the client’s address', () => {
  test.each<[string, object, Record<string, unknown>, string | undefined, unknown]>([
    ['is added to the context', { locale: 'en' }, {}, '10.0.0.1', { locale: 'en', ip: '10.0.0.1' }],
    ['is added to an empty context', {}, {}, '10.0.0.1', { ip: '10.0.0.1' }],
    ['replaces null', { ip: null }, {}, '10.0.0.1', { ip: '10.0.0.1' }],
    ['never replaces the client’s own', { ip: '1.1.1.1' }, {}, '10.0.0.1', { ip: '1.1.1.1' }],
    [
      'never replaces the batch’s',
      { locale: 'en' },
      { context: { ip: '2.2.2.2' } },
      '10.0.0.1',
      { locale: 'en', ip: '2.2.2.2' },
    ],
    [
      'is added to what is inherited',
      { locale: 'en' },
      { context: { app: {} } },
      '10.0.0.1',
      { app: {}, locale: 'en', ip: '10.0.0.1' },
    ],
    ['stays out for servers', { locale: 'en' }, {}, undefined, { locale: 'en' }],
  ])('%s', (_, context, body, clientIp, expected) => {
    expect(eventOf({ ...track, context }, circumstances('track', body), clientIp).context).toEqual(expected);
  });

  test('makes a context where there is none', () => {
    expect(eventOf(track, circumstances('track'), '10.0.0.1').context).toEqual({ ip: '10.0.0.1' });
    expect(eventOf(track).context).toBeUndefined();
  });
});

describe('what a batch hands down', () => {
  const body = {
    sentAt: '2026-03-01T12:00:00Z',
    timestamp: '2026-03-01T11:00:00Z',
    context: { a: { b: 1, c: 2 } },
    integrations: { All: false },
  };

  test('an item without its own inherits all of it', () => {
    const { sentAt, context, integrations } = body;
    const expected = {
      sentAt,
      context,
      integrations,
      originalTimestamp: body.timestamp,
      timestamp: '2026-03-01T11:00:00.000Z',
    };
    expect(eventOf(track, circumstances('track', body))).toMatchObject(expected);
  });

  test('an item’s own wins, and contexts merge deeply', () => {
    const own = {
      sentAt: '2026-03-01T12:00:01Z',
      timestamp: '2026-03-01T11:30:00Z',
      context: { a: { c: 3, d: null } },
      integrations: { X: true },
    };
    expect(eventOf({ ...track, ...own }, circumstances('track', body))).toMatchObject({
      sentAt: own.sentAt,
      timestamp: '2026-03-01T11:29:59.000Z',
      originalTimestamp: own.timestamp,
      context: { a: { b: 1, c: 3, d: null } },
      integrations: { X: true },
    });
  });

  test('one batch’s items do not see each other', () => {
    const on = circumstances('track', body);
    expect(eventOf(track, on, '10.0.0.1').context).toEqual({ ...body.context, ip: '10.0.0.1' });
    expect(eventOf(track, on, undefined).context).toEqual(body.context);
  });

  test('any two contexts merge as the merged event says', () => {
    const context = fc.dictionary(
      fc.constantFrom('a', 'b', 'ip'),
      fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom('a', 'b'), fc.jsonValue())),
    );
    fc.assert(
      fc.property(context, context, (under, over) => {
        const expected = JSON.parse(JSON.stringify(mergeDeep(under, over)));
        expect(
          eventOf({ ...track, context: over }, circumstances('track', { context: under })).context,
        ).toEqual(expected);
      }),
    );
  });
});
