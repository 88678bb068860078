import { parseEvent } from '@metarouter/events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { typeIn } from './event-type.ts';

const types = ['identify', 'track', 'page', 'screen', 'group', 'alias', 'custom'];

test('the type is what parsing the event finds, whatever else it has', () => {
  const frame = {
    messageId: 'm',
    timestamp: 't',
    receivedAt: 'r',
    event: 'e',
    groupId: 'g',
    previousId: 'p',
  };
  // Wherever else the word stands: in texts, in members of members, in lists.
  const word = fc.constantFrom('type', '"type"', '"type":"page"', '\\', 'type\\"', '{', ']');
  const content = fc.letrec((tie) => ({
    value: fc.oneof(word, fc.jsonValue(), fc.dictionary(word, tie('value'), { maxKeys: 3 }), fc.array(word)),
  })).value;
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      content,
      content,
      fc.constantFrom(undefined, 2),
      (type, a, b, indent) => {
        const event = { a, payload: {}, ...frame, type, properties: { b }, [JSON.stringify(b)]: type };
        const text = JSON.stringify(event, undefined, indent);
        expect(typeIn(Buffer.from(text))).toBe(parseEvent(text)?.type ?? event.type);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['{"type":"page","type":"track"}', 'track'],
  ['{"type":"page","context":{"type":"track"}}', 'page'],
  ['{"event":"type","x":{"type":"track"},"type" :\n "page"}', 'page'],
  ['{"type":"page","type":null}', undefined],
  ['{"x":"type"}', undefined],
  ['["type","page"]', undefined],
  ['{"type":"pa', 'pa'],
  ['{"type', undefined],
  ['', undefined],
])('%s says %s', (text, type) => {
  expect(typeIn(Buffer.from(text))).toBe(type);
});
