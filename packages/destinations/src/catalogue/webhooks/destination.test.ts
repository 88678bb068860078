import { expect, test } from 'vitest';
import { webhooks } from './destination.ts';

const hook = 'https://hooks.example.com/';

test.each([
  [{}, 'connection.urls', 'must have at least 1 entry'],
  [{ urls: Array.from({ length: 6 }, () => hook) }, 'connection.urls', 'must have at most 5 entries'],
  [{ urls: hook }, 'connection.urls', 'must be a list'],
  [
    { urls: [hook, 'ftp://x/'] },
    'connection.urls[1]',
    'must be an http or https URL without user name and password',
  ],
  [
    { urls: ['https://me:pass@x/'] },
    'connection.urls[0]',
    'must be an http or https URL without user name and password',
  ],
  [
    { urls: [hook], secret: 'short' },
    'connection.secret',
    'must be base64 of 16 to 64 bytes, with or without the prefix whsec_',
  ],
  [{ urls: [hook], headers: { 'X-A': 'a\r\nb' } }, 'connection.headers.X-A', 'must be printable ASCII'],
  ['text', 'connection', 'must be names with values'],
])('a stored connection that cannot work is refused with its path: %j', (connection, path, message) => {
  expect(webhooks.check(connection, {})).toContainEqual({ path, message });
});

test.each([
  'Host',
  'Content-Length',
  'Webhook-Id',
  'Connection',
  'Keep-Alive',
  'Transfer-Encoding',
  'Upgrade',
  'expect',
])('the header %s is refused: with it no request could be sent', (name) => {
  expect(webhooks.check({ urls: [hook], headers: { [name]: 'x' } }, {})).toEqual([
    {
      path: `connection.headers.${name}`,
      message: 'its name must be a header name that is neither set by us nor about the connection',
    },
  ]);
});

test('the signing secret and the headers are on the list of what is never shown', () => {
  const connection = {
    urls: [hook],
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    headers: { Authorization: 'Bearer abc' },
  };
  expect(webhooks.secrets(connection, {})).toEqual(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'Bearer abc']);
});

test('an event is sent as the very same object, so that it is serialized once for all pipelines', () => {
  const event = {
    type: 'track',
    messageId: 'm',
    event: 'e',
    userId: 'u',
    timestamp: '',
    receivedAt: '',
  } as const;
  const answer = webhooks.prepare({ urls: [hook] }, {})(event);
  expect('requests' in answer && answer.requests[0]?.body).toBe(event);
});
