import { expect, test } from 'vitest';
import { prepareRequest, sentAtMs, trackEvent } from './prepared-request.ts';

const SHAPE = { path: '/v1/batch', writeKeys: ['key-1', 'key-2'], batch: 2, number: 7 };

test('an event is 1,024 bytes of JSON', () => {
  const event = trackEvent(1, 2);
  expect(Buffer.byteLength(event)).toBe(1_024);
  expect(JSON.parse(event)).toMatchObject({ type: 'track', userId: 'user-1' });
});

test('each renewal sends messageIds that were never sent before', () => {
  const request = prepareRequest(SHAPE);
  const ids = [1, 11, 20].flatMap((count) => {
    request.renew(count);
    return [...textOf(request.bytes).matchAll(/"messageId":"([^"]+)"/g)].map(([, id]) => id);
  });
  expect(new Set(ids).size).toBe(6);
});

test('the sources take turns, request by request', () => {
  const request = prepareRequest(SHAPE);
  const keys = [0, 1, 2].map((count) => {
    request.renew(count);
    const [, credentials = ''] = /authorization: Basic (\S+)/.exec(textOf(request.bytes)) ?? [];
    return Buffer.from(credentials, 'base64').toString();
  });
  expect(keys).toEqual(['key-1:', 'key-2:', 'key-1:']);
});

test('write keys of several lengths are refused, as they would not fit into each other’s place', () => {
  expect(() => prepareRequest({ ...SHAPE, writeKeys: ['short', 'a longer one'] })).toThrow('of one length');
});

test('when an event was sent is read off its bytes to the microsecond', () => {
  const request = prepareRequest(SHAPE);
  request.stamp(123_456.789);
  expect(sentAtMs(request.bytes)).toBe(123_456.789);
  request.stamp(1.001);
  expect(sentAtMs(request.bytes)).toBe(1.001);
});

function textOf(bytes: Buffer): string {
  return bytes.toString('latin1');
}
