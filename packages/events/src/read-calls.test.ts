import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyOf } from './body.fixture.ts';
import { type Call, isArray, isObject, jsonOf, Part } from './call.ts';
import { DEPTH_MAX, KEYS_MAX } from './limits.ts';
import { readCalls } from './read-calls.ts';
import { textOfUtf8, utf8 } from './utf8.fixture.ts';

/** What a body is read as; fails when it is refused. */
function read(text: string, batched = true) {
  const calls = readCalls(bodyOf(utf8(text)), batched);
  if (calls === undefined) throw new Error(`refused: ${text}`);
  return calls;
}

/** The text from a call's opening to its closing brace. */
const textOf = (text: string, call: Call | undefined): string | undefined =>
  call && textOfUtf8(utf8(text).slice(call.start, call.end + 1));

const nested = (levels: number): string => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
const wide = (keys: number): string => `{${Array.from({ length: keys }, (_, k) => `"k${k}":1`).join()}}`;

/** JSON values whose keys and texts look like JSON themselves. */
const trickyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('batch', 'context', '{', '}', '[', ']', '"', '\\', '\\"', ':', ',', '"batch":[', '\u2028'),
);
/** Without the key `\\`: after it the JSON.parse of Node 24 misreads the key `"` (nodejs/node#63785), and we compare with it. */
const tricky = trickyText.filter((text) => text !== '\\');
const { value: anyJson } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  object: fc.dictionary(tricky, tie('value'), { maxKeys: 4 }),
  value: fc.oneof(
    { maxDepth: 4 },
    tricky,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
}));
const anyObject = fc.dictionary(tricky, anyJson, { maxKeys: 5 });
const anyIndent = fc.constantFrom('', ' ', '\n\t', '    ');

/** Some of a text's letters written as `\uXXXX`. */
const escapeSome = (word: string, which: readonly boolean[]): string =>
  [...word]
    .map((letter, k) => (which[k] ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter))
    .join('');

describe('where calls lie', () => {
  test('every item of any valid batch is found where JSON.parse finds it', () => {
    fc.assert(
      fc.property(
        anyObject,
        fc.array(fc.oneof(anyObject, anyJson)),
        anyObject,
        anyIndent,
        (before, batch, after, indent) => {
          const text = `\n ${JSON.stringify({ ...before, batch, after }, null, indent)} \t`;
          const { root, items } = read(text);
          expect(JSON.parse(textOf(text, root) ?? '')).toEqual(JSON.parse(text));
          const parsed: unknown[] = JSON.parse(text).batch;
          for (const [index, item] of parsed.entries()) {
            if (typeof item !== 'object' || item === null || Array.isArray(item))
              expect(items[index]).toBeUndefined();
            else expect(JSON.parse(textOf(text, items[index]) ?? '')).toEqual(item);
          }
          expect(items.length).toBe(parsed.length);
        },
      ),
    );
  });

  test('a context ends where JSON.parse says it does, in a single call and in each item', () => {
    fc.assert(
      fc.property(anyObject, anyObject, anyIndent, (other, context, indent) => {
        const whole = JSON.stringify({ ...other, context }, null, indent);
        const added = (text: string, call: Call | undefined) => {
          const bytes = utf8(text);
          const at = isObject(call?.context) ? call.context.end : -1;
          const comma = Object.keys(context).length === 0 ? '' : ',';
          return JSON.parse(
            `${textOfUtf8(bytes.slice(0, at))}${comma}"added":1${textOfUtf8(bytes.slice(at))}`,
          );
        };
        const expected = { ...JSON.parse(whole), context: { ...JSON.parse(whole).context, added: 1 } };
        expect(added(whole, read(whole, false).root)).toEqual(expected);
        const batch = `{"batch":[1,${whole}],"context":{}}`;
        expect(added(batch, read(batch).items[1]).batch[1]).toEqual(expected);
      }),
    );
  });

  test.each([
    ['the last of several', '{"batch":[{"a":1}],"batch":[{"b":2},{"c":3}]}', ['{"b":2}', '{"c":3}']],
    ['a key with escapes', '{"b\\u0061tch":[{"a":1}]}', ['{"a":1}']],
    ['a key with capital hexadecimals', '{"\\u0062\\u0061\\u0074\\u0063\\u0068":[{}]}', ['{}']],
    ['only the root’s own', '{"x":{"batch":[{"a":1}]},"y":["batch",[{}]],"batch":[]}', []],
    ['not a text that says batch', '{"x":"batch","y":[{"a":1}]}', []],
    [
      'of objects only',
      '{"batch":[[1],{"a":[{}]},"x",null]}',
      [undefined, '{"a":[{}]}', undefined, undefined],
    ],
  ])('the batch is %s', (_, text, expected) => {
    expect(read(text).items.map((call) => textOf(text, call))).toEqual(expected);
  });

  test('a single call may carry a key named batch', () => {
    expect(read('{"batch":[{"a":1}]}', false).items).toEqual([]);
  });

  test('the last context counts', () => {
    const text = '{"context":{"a":1},"context":{"b":2},"x":{"context":{}}}';
    expect(jsonOf(read(text, false).root.context)).toBe('{"b":2}');
  });
});

describe('what is refused', () => {
  test.each([
    [DEPTH_MAX, undefined],
    [DEPTH_MAX + 1, 'too_deep'],
  ])('a call nested %i levels deep is %s', (levels, fault) => {
    expect(read(nested(levels), false).root.fault).toBe(fault);
    expect(read(`{"batch":[{},${nested(levels)},{}]}`).items.map((call) => call?.fault)).toEqual([
      undefined,
      fault,
      undefined,
    ]);
    expect(read(`{"batch":[],"context":${nested(levels - 1)}}`).root.fault).toBe(fault);
  });

  test.each([
    [KEYS_MAX, undefined],
    [KEYS_MAX + 1, 'too_many_keys'],
  ])('a call of %i keys is %s', (keys, fault) => {
    expect(read(wide(keys), false).root.fault).toBe(fault);
    const { root, items } = read(`{"batch":[${wide(keys)},${wide(keys)}]}`);
    expect([root.fault, ...items.map((call) => call?.fault)]).toEqual([undefined, fault, fault]);
  });

  test('__proto__ is found as a key at any depth and in any spelling, and never as a value', () => {
    const word = '__proto__';
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }), fc.nat(10), (which, levels) => {
        const spelled = escapeSome(word, which);
        const key = `${'{"a":['.repeat(levels)}{"b":"x","${spelled}":1}${']}'.repeat(levels)}`;
        expect(read(key, false).root.fault).toBe('forbidden_key');
        expect(read(`{"batch":[{"x":${key}}]}`).items[0]?.fault).toBe('forbidden_key');
        expect(read(`{"a":"${spelled}","b":["${spelled}"]}`, false).root.fault).toBeUndefined();
      }),
    );
    for (const near of ['__proto_', '__proto___', '__Proto__', 'a__proto__', '\\\\u005f_proto__']) {
      expect(read(`{"${near}":1}`, false).root.fault).toBeUndefined();
    }
  });
});

describe('the grammar', () => {
  const pieces = fc.array(
    fc.constantFrom(
      ...'{}[]":,\\ \t\n01-.eE+uatfn/\u0001\u00e9',
      '\\u00e9',
      '\\"',
      '"a":',
      '{"a":1}',
      '"batch":[',
      '"context":{',
      'true',
      'false',
      'null',
      '-0.5e+3',
    ),
    { maxLength: 12 },
  );

  /** Whether JSON.parse takes a body, and makes an object of it. */
  const isJsonObjectText = (text: string): boolean => {
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    } catch {
      return false;
    }
  };

  test('a body is taken exactly when JSON.parse makes an object of it, whatever its bytes', () => {
    fc.assert(
      fc.property(pieces, fc.boolean(), fc.boolean(), (parts, enclosed, batched) => {
        const text = enclosed ? `{"a":${parts.join('')}}` : parts.join('');
        expect(readCalls(bodyOf(utf8(text)), batched) !== undefined).toBe(isJsonObjectText(text));
      }),
      { numRuns: 20_000 },
    );
  });

  test('a valid body with one byte changed, added or gone is taken exactly when JSON.parse takes it', () => {
    const change = fc.record({
      at: fc.nat(),
      cut: fc.nat(1),
      put: fc.string({ unit: 'grapheme-ascii', maxLength: 1 }),
    });
    fc.assert(
      fc.property(anyObject, anyIndent, change, (object, indent, { at, cut, put }) => {
        const text = JSON.stringify(object, null, indent).replace(/\P{ASCII}/gu, '?');
        const place = at % text.length;
        const changed = text.slice(0, place) + put + text.slice(place + cut);
        expect(readCalls(bodyOf(changed), false) !== undefined).toBe(isJsonObjectText(changed));
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['', '{', '}', '{]', '[}', '{"a"}', '{"a":}', '{"a":1,}', '{,}', '{"a" 1}', '{"a":1 "b":2}', '{a:1}'],
    ['"x"', '1', 'null', '[]', '[{}]', '{}{}', '{},', '"x","y":{}', '1,{}', '{}1', "{'a':1}"],
    [
      '{"a":01}',
      '{"a":+1}',
      '{"a":.5}',
      '{"a":1.}',
      '{"a":1e}',
      '{"a":-}',
      '{"a":0x1}',
      '{"a":NaN}',
      '{"a":1_0}',
    ],
    ['{"a":"\\x"}', '{"a":"\\u12g4"}', '{"a":"\\u123"}', '{"a":"\n"}', '{"a":"\0"}', '{"a":"', '{"a":"\\"}'],
    [
      '{"a":tru}',
      '{"a":True}',
      '{"a":nul}',
      '{"a":[1,]}',
      '{"a":[,1]}',
      '{"a":[1 2]}',
      '{"a":(1)}',
      '\u00a0{}',
    ],
  ])('none of %j, %j, %j… is taken', (...texts) => {
    for (const text of texts) expect([text, readCalls(bodyOf(utf8(text)), true)]).toEqual([text, undefined]);
  });

  test('a body nested a hundred thousand levels deep is read, costs no stack, and harms its own call only', () => {
    for (const [opening, closing] of [
      ['{"a":', '}'],
      ['[', ']'],
    ] as const) {
      const deep = `{"a":${opening.repeat(100_000)}1${closing.repeat(100_000)}}`;
      expect(readCalls(bodyOf(deep.slice(0, -1)), true)).toBeUndefined();
      expect(read(deep, false).root.fault).toBe('too_deep');
      expect(read(`{"batch":[{},${deep},{}]}`).items.map((call) => call?.fault)).toEqual([
        undefined,
        'too_deep',
        undefined,
      ]);
    }
  });
});

describe('the members that the door looks at', () => {
  const names = fc.constantFrom(
    'type',
    'userId',
    'messageId',
    'event',
    'timestamp',
    'sentAt',
    'writeKey',
    'groupId',
  );

  test('have the values that JSON.parse gives them, the last of equal keys too', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(names, anyJson)), anyIndent, (members, indent) => {
        const json = members.map(
          ([name, value]) => `${indent}"${name}": ${JSON.stringify(value, null, indent)}`,
        );
        const text = `{${json.join()}}`;
        const expected: Record<string, unknown> = JSON.parse(text);
        const inBatch = read(`{"batch":[1,${text},"x"]}`);
        expect(inBatch.items.map((item) => item !== undefined)).toEqual([false, true, false]);
        for (const call of [read(text, false).root, inBatch.items[1]]) {
          for (const name of [
            'type',
            'userId',
            'messageId',
            'event',
            'timestamp',
            'sentAt',
            'writeKey',
          ] as const) {
            expect(valueIn(call?.[name])).toEqual(expected[name]);
          }
        }
      }),
    );
  });

  const valueIn = (member: unknown): unknown => (member instanceof Part ? JSON.parse(member.text) : member);

  test('those around a batch are its own, not its items’', () => {
    const { root } = read(
      '{"sentAt":"s","batch":[{"userId":"u","context":{"a":1}}],"context":{"b":2},"writeKey":"k"}',
    );
    expect([root.sentAt, root.userId, root.writeKey]).toEqual(['s', undefined, 'k']);
    expect(isObject(root.context) && root.context.members()).toEqual({ b: 2 });
    expect(isArray(root.batch)).toBe(true);
  });

  test('deeper ones of the same name do not count', () => {
    const { root } = read(
      '{"properties":{"userId":"x","context":{}},"traits":[{"event":"y"}],"userId":"u"}',
      false,
    );
    expect([root.userId, root.context, root.event]).toEqual(['u', undefined, undefined]);
  });

  test('numbers beyond double precision keep their digits in a part’s text', () => {
    const { root } = read('{"context":{"n":12345678901234567890}}', false);
    expect(jsonOf(root.context)).toBe('{"n":12345678901234567890}');
  });
});
