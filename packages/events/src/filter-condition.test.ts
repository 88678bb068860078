import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Event } from './event.ts';
import { anyCondition, anyName, textOf } from './filter-condition.fixture.ts';
import { compileCondition } from './filter-condition.ts';

function holds(text: string, event: Event): boolean {
  const reading = compileCondition(text);
  if ('fault' in reading) throw new Error(`${text}: column ${reading.column}: ${reading.fault}`);
  return reading.holds(event);
}

const frame = { messageId: 'm', userId: 'ada', timestamp: '', receivedAt: '' };

describe('what Segment documents of its language is so here', () => {
  const event: Event = {
    ...frame,
    type: 'track',
    event: 'Button Clicked',
    context: { library: { name: 'analytics.js', version: '1.0' } },
    properties: { features: ['discounts', 'dark-mode'], 'product 1': { price: '19.99' }, enabled: true },
    traits: { email: 'ada@company.com' },
  };

  test.each([
    ["event = 'Button Clicked'", true],
    ["event = 'Screen Tapped'", false],
    ["context.path.path = '/login'", false],
    ["type = 'identify' or type = 'track'", true],
    ["event = 'Button Clicked' and type = 'track'", true],
    ["match( context.library.version, '1.*' )", true],
    ["match( context.library.version, '2.*' )", false],
    ["type = 'track' and ( event = 'Click' or match( event, 'Button *' ) )", true],
    ["!contains( context.library.name, 'js' )", false],
    ["'dark-mode' in properties.features", true],
    ["'blink' in properties.features", false],
    ["properties.product\\ 1.price = '19.99'", true],
    [
      "( type = 'track' or type = 'identify' ) and ( properties.enabled or match( traits.email, '*@company.com' ) )",
      true,
    ],
    ["!( type in ['track', 'identify'] )", false],
    ["length( 'a' ) = 1 and length( 'ア' ) = 3", true],
    ["lowercase( 'ABC' ) = 'abc' and uppercase( 'abc' ) = 'ABC'", true],
    ["contains( null, 'x' ) or match( null, 'x' )", false],
    ['length( null ) = 0 and lowercase( null ) = null', true],
    ["typeof( null ) = 'null' and typeof( 'a' ) = 'string' and typeof( 1 ) = 'number'", true],
    ["typeof( [] ) = 'list' and typeof( true ) = 'bool'", true],
    ["match( 'abcd', 'a*d' ) and match( '', '*' ) and match( 'abcd', 'a??d' )", true],
    ["match( 'abcd', '*d' ) and match( 'ab*d', 'ab\\\\*d' ) and match( 'abCd', 'ab[cC]d' )", true],
    ["match( 'abcd', 'ab[a-z]d' )", true],
    ["match( 'abc', 'ab' ) or match( 'abcd', 'ab[A-Z]d' )", false],
  ])('%s', (text, expected) => {
    expect(holds(text, event)).toBe(expected);
  });
});

describe('what an event holds decides', () => {
  const event: Event = {
    ...frame,
    type: 'track',
    event: 'Order Completed',
    properties: {
      total: 49.9,
      coupon: null,
      gift: false,
      tags: ['a', 1, null, ['b']],
      same: ['a', 1, null],
      items: [{ sku: 'K-1' }, { sku: 'K-2' }],
      price: '49.9',
      note: 'Größe 😀',
    },
  };

  test.each([
    ['properties.total > 49', true],
    ['properties.total >= 49.9 and properties.total <= 49.90', true],
    ['49.9 = properties.total', true],
    ["properties.total = '49.9'", false],
    ["properties.total != '49.9'", true],
    ['properties.price > 1', false],
    ['properties.price <= 1', false],
    ['properties.missing < 1', false],
    ['!(properties.missing < 1)', true],
    ['properties.missing = null and properties.coupon = null', true],
    ['properties.missing.deeper = null and userId.x = null', true],
    ['properties.gift', false],
    ['properties.gift = false', true],
    ['!properties.gift and !properties.missing and !event', true],
    ['properties.total and true', false],
    ['properties.tags = properties.tags and properties.same != properties.tags and [] = []', true],
    ["properties.same = ['a', 1, null]", true],
    ["properties.same = ['a', 1]", false],
    ["properties.same = [1, 'a', null]", false],
    ['null in properties.tags and 1 in properties.tags', true],
    ["'1' in properties.tags or 'b' in properties.tags", false],
    ["'a' in properties.missing or 'O' in event or 49.9 in properties", false],
    ['properties.missing in [null]', true],
    ['properties.total in [1, 49.9]', true],
    ["properties.items.1.sku = 'K-2'", true],
    ['properties.items.0.sku = "K-1" and properties.items.2.sku = null', true],
    ['properties.items.01 = null and properties.items.1e0 = null and properties.items.\\-1 = null', true],
    ['properties.items.length = null and event.length = null and event.0 = null', true],
    ['length(properties.items) = 2 and length(properties.tags) = 4', true],
    ['length(properties.note) = 12', true],
    ['length(properties.total) = null and length(properties) = null', true],
    ['length(userId) > 0', true],
    ["typeof(properties) = 'object' and typeof(properties.total) = 'number'", true],
    ["typeof(properties.gift) = 'bool' and typeof(properties.coupon) = 'null'", true],
    ["contains(properties.note, '😀') and contains(event, '')", true],
    ["contains(event, 'order')", false],
    ["contains(lowercase(event), 'order')", true],
    ["contains(properties.tags, 'a')", false],
    ['lowercase(properties.total) = null and uppercase(properties) = null', true],
    ['match(properties.note, "Gr??e ?")', true],
    ['match(properties.total, "*")', false],
    ["type = 'track' and (event = 'x' or userId = 'ada')", true],
  ])('%s', (text, expected) => {
    expect(holds(text, event)).toBe(expected);
  });

  test('and nothing that it inherits', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty', '__proto__.toString']) {
      expect(holds(`${name} = null and properties.${name} = null and userId.${name} = null`, event)).toBe(
        true,
      );
    }
    const own: Event = { ...event, properties: JSON.parse('{"__proto__":1,"constructor":2}') };
    expect(holds('properties.__proto__ = 1 and properties.constructor = 2', own)).toBe(true);
  });

  test('a custom event’s payload stands for its properties', () => {
    const custom: Event = {
      ...frame,
      type: 'custom',
      event: 'order created',
      payload: {
        type: 'inner',
        total: 12,
        properties: { total: 1 },
        _metarouter: { eventName: 'order created' },
      },
    };
    expect(holds("type = 'custom' and event = 'order created' and userId = 'ada'", custom)).toBe(true);
    expect(holds("properties.total = 12 and properties.type = 'inner'", custom)).toBe(true);
    expect(holds('payload.total = 12 and properties.properties.total = 1', custom)).toBe(true);
    expect(holds("payload._metarouter.eventName = event and typeof(properties) = 'object'", custom)).toBe(
      true,
    );
    expect(holds('payload.total = null', event)).toBe(true);
  });
});

const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  fc.dictionary(anyName, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 }),
);
const anyEvent: fc.Arbitrary<Event> = fc
  .tuple(fc.dictionary(anyName, anyValue, { maxKeys: 3 }), fc.boolean())
  .map(([rest, isCustom]): Event => {
    const named = { ...frame, ...rest, event: 'a' };
    return isCustom
      ? { ...named, type: 'custom', payload: rest }
      : { ...named, type: 'track', properties: rest };
  });

test('any condition says yes or no for any event, always the same, and its negation the opposite', () => {
  fc.assert(
    fc.property(anyCondition, anyEvent, (condition, event) => {
      const text = textOf(condition);
      const verdict = holds(text, event);
      expect(verdict).toBeTypeOf('boolean');
      expect(holds(text, event)).toBe(verdict);
      expect(holds(`!(${text})`, event)).toBe(!verdict);
      expect(holds(`(${text}) and true`, event)).toBe(verdict);
      expect(holds(`(${text}) or false`, event)).toBe(verdict);
    }),
    { numRuns: 500 },
  );
});
