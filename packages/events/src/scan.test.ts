import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEPTH_MAX, KEYS_MAX } from './limits.ts';
import { type Scan, type Span, scan } from './scan.ts';
import { textOfUtf8, utf8 } from './utf8.fixture.ts';

const scanText = (text: string, batched = true): Scan => scan(utf8(text), batched);

/** The text from a span's opening to its closing brace. */
const textOf = (text: string, span: Span | undefined): string | undefined =>
  span && textOfUtf8(utf8(text).slice(span.start, span.end + 1));

const nested = (levels: number): string => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
const wide = (keys: number): string => `{${Array.from({ length: keys }, (_, k) => `"k${k}":1`).join()}}`;

/** JSON values whose keys and texts look like JSON themselves. */
const tricky = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('batch', 'context', '{', '}', '[', ']', '"', '\\', '\\"', ':', ',', '"batch":[', '\u2028'),
);
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
          const { root, items } = scanText(text);
          expect(JSON.parse(textOf(text, root) ?? '')).toEqual(JSON.parse(text));
          const parsed: unknown[] = JSON.parse(text).batch;
          for (const [index, item] of parsed.entries()) {
            if (typeof item !== 'object' || item === null) expect(items[index]).toBeUndefined();
            else expect(JSON.parse(textOf(text, items[index]) ?? '')).toEqual(item);
          }
          expect(items.length).toBeLessThanOrEqual(parsed.length);
        },
      ),
    );
  });

  test('a context ends where JSON.parse says it does, in a single call and in each item', () => {
    fc.assert(
      fc.property(anyObject, anyObject, anyIndent, (call, context, indent) => {
        const whole = JSON.stringify({ ...call, context }, null, indent);
        const added = (text: string, span: Span | undefined) => {
          const bytes = utf8(text);
          const at = span?.contextEnd ?? -1;
          const comma = Object.keys(context).length === 0 ? '' : ',';
          return JSON.parse(
            `${textOfUtf8(bytes.slice(0, at))}${comma}"added":1${textOfUtf8(bytes.slice(at))}`,
          );
        };
        const expected = { ...JSON.parse(whole), context: { ...JSON.parse(whole).context, added: 1 } };
        expect(added(whole, scanText(whole, false).root)).toEqual(expected);
        const batch = `{"batch":[1,${whole}],"context":{}}`;
        expect(added(batch, scanText(batch).items[1]).batch[1]).toEqual(expected);
      }),
    );
  });

  test.each([
    ['the last of several', '{"batch":[{"a":1}],"batch":[{"b":2},{"c":3}]}', ['{"b":2}', '{"c":3}']],
    ['a key with escapes', '{"b\\u0061tch":[{"a":1}]}', ['{"a":1}']],
    ['a key with capital hexadecimals', '{"\\u0062\\u0061\\u0074\\u0063\\u0068":[{}]}', ['{}']],
    ['only the root’s own', '{"x":{"batch":[{"a":1}]},"y":["batch",[{}]],"batch":[]}', []],
    ['not a text that says batch', '{"x":"batch","y":[{"a":1}]}', []],
    ['arrays as items', '{"batch":[[1],{"a":[{}]}]}', ['[1]', '{"a":[{}]}']],
  ])('the batch is %s', (_, text, expected) => {
    expect(scanText(text).items.map((span) => textOf(text, span))).toEqual(expected);
  });

  test('a single call may carry a key named batch', () => {
    expect(scanText('{"batch":[{"a":1}]}', false).items).toEqual([]);
  });

  test('the last context counts', () => {
    const text = '{"context":{"a":1},"context":{"b":2},"x":{"context":{}}}';
    expect(text.slice(0, scanText(text, false).root.contextEnd)).toBe('{"context":{"a":1},"context":{"b":2');
  });
});

describe('what is refused', () => {
  test.each([
    [DEPTH_MAX, undefined],
    [DEPTH_MAX + 1, 'too_deep'],
  ])('a call nested %i levels deep is %s', (levels, fault) => {
    expect(scanText(nested(levels), false).root.fault).toBe(fault);
    expect(scanText(`{"batch":[{},${nested(levels)},{}]}`).items.map((span) => span?.fault)).toEqual([
      undefined,
      fault,
      undefined,
    ]);
    expect(scanText(`{"batch":[],"context":${nested(levels - 1)}}`).root.fault).toBe(fault);
  });

  test.each([
    [KEYS_MAX, undefined],
    [KEYS_MAX + 1, 'too_many_keys'],
  ])('a call of %i keys is %s', (keys, fault) => {
    expect(scanText(wide(keys), false).root.fault).toBe(fault);
    const { root, items } = scanText(`{"batch":[${wide(keys)},${wide(keys)}]}`);
    expect([root.fault, ...items.map((span) => span?.fault)]).toEqual([undefined, fault, fault]);
  });

  test('__proto__ is found as a key at any depth and in any spelling, and never as a value', () => {
    const word = '__proto__';
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }), fc.nat(10), (which, levels) => {
        const spelled = escapeSome(word, which);
        const key = `${'{"a":['.repeat(levels)}{"b":"x","${spelled}":1}${']}'.repeat(levels)}`;
        expect(scanText(key, false).root.fault).toBe('forbidden_key');
        expect(scanText(`{"batch":[{"x":${key}}]}`).items[0]?.fault).toBe('forbidden_key');
        expect(scanText(`{"a":"${spelled}","b":["${spelled}"]}`, false).root.fault).toBeUndefined();
      }),
    );
    for (const near of ['__proto_', '__proto___', '__Proto__', 'a__proto__', '\\\\u005f_proto__']) {
      expect(scanText(`{"${near}":1}`, false).root.fault).toBeUndefined();
    }
  });
});

describe('garbage', () => {
  test('no bytes make it throw', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => String.fromCharCode(...bytes)),
      fc
        .array(fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', '\\u', '"batch":', '1', ' '), {
          maxLength: 60,
        })
        .map((parts) => utf8(parts.join(''))),
    );
    fc.assert(
      fc.property(noise, fc.boolean(), (bytes, batched) => void scan(bytes, batched)),
      { numRuns: 1000 },
    );
  });

  test('a valid text cut anywhere makes it throw nowhere', () => {
    const bytes = utf8('{"batch":[{"context":{"a":"\\u00e9\\\\"}},[1]],"context":{}}');
    for (let length = 0; length <= bytes.length; length++) scan(bytes.slice(0, length), true);
  });
});
