import { describe, expect, test } from 'vitest';
import { parseEvent } from './event.ts';

const stored = {
  type: 'track',
  event: 'Added File',
  messageId: 'm1',
  userId: 'u1',
  timestamp: '2026-03-01T12:00:00.000Z',
  receivedAt: '2026-03-01T12:00:00.000Z',
  section: 'Blog',
};

describe('an event read back', () => {
  test('is whole, unknown keys included, from a text and from a value', () => {
    expect(parseEvent(JSON.stringify(stored))).toEqual(stored);
    expect(parseEvent(stored)).toEqual(stored);
  });

  test('has no write key', () => {
    const given = { ...stored, writeKey: 'secret' };
    expect(parseEvent(given)).toEqual(stored);
    expect(given.writeKey).toBe('secret');
  });

  test('has no fields of the protocol that are null, while unknown keys may be', () => {
    const given = { ...stored, userId: null, anonymousId: 'a', context: null, properties: null, other: null };
    const { userId, ...rest } = stored;
    expect(parseEvent(given)).toEqual({ ...rest, anonymousId: 'a', other: null });
  });

  test('has the members that come last', () => {
    const text = JSON.stringify(stored).replace('}', ',"timestamp":"2020-01-01T00:00:00.000Z"}');
    expect(parseEvent(text)?.timestamp).toBe('2020-01-01T00:00:00.000Z');
  });

  test.each<[string, unknown]>([
    ['no JSON', '{"type":'],
    ['no object', '[]'],
    ['nothing', undefined],
    ['an unknown type', { ...stored, type: 'merge' }],
    ['no messageId', { ...stored, messageId: undefined }],
    ['no timestamp', { ...stored, timestamp: undefined }],
    ['no receivedAt', { ...stored, receivedAt: 5 }],
    ['a context that is a text', { ...stored, context: 'x' }],
    ['a track without a name', { ...stored, event: undefined }],
    ['a group without groupId', { ...stored, type: 'group' }],
    ['an alias without previousId', { ...stored, type: 'alias' }],
    ['an identify whose traits are a list', { ...stored, type: 'identify', traits: [1] }],
    ['a page whose name is a number', { ...stored, type: 'page', name: 1 }],
  ])('is undefined for %s', (_, value) => {
    expect(parseEvent(value)).toBeUndefined();
  });
});
