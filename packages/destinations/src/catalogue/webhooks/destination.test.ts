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

const event = {
  type: 'track',
  messageId: 'm',
  event: 'e',
  userId: 'u',
  timestamp: '',
  receivedAt: '',
} as const;

test('an event is sent as the very same object, so that it is serialized once for all pipelines', () => {
  const answer = webhooks.prepare({ urls: [hook] }, {})(event);
  expect('requests' in answer && answer.requests[0]?.body).toBe(event);
});

test('without a batch size each event goes in a request of its own', () => {
  expect(webhooks.batch({ urls: [hook] }, {})).toBeUndefined();
});

test.each([1, 500])(
  'with a batch size of %i so many events go in one request, of 100 KB and after 200 ms at most',
  (batchSize) => {
    const bounds = { eventsMax: batchSize, bytesMax: 102_400, waitMs: 200 };
    const batch = webhooks.batch({ urls: [hook] }, { batchSize });
    expect(batch).toMatchObject(bounds);
    // One answer is for all.
    expect(batch?.outcomesOf).toBeUndefined();
  },
);

test.each([0, 501, 1.5, '10', null])('a batch size of %j is refused', (batchSize) => {
  expect(webhooks.check({ urls: [hook] }, { batchSize })).toEqual([
    { path: 'config.batchSize', message: 'must be a whole number from 1 to 500' },
  ]);
  expect(() => webhooks.batch({ urls: [hook] }, { batchSize })).toThrow('config.batchSize');
});

test('each URL gets its own array, signed like a single event', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const connection = { urls: [hook, `${hook}2`], secret, headers: { 'X-Team': 'growth' } };
  const requestsFor = (config: object) => {
    const answer = webhooks.prepare(connection, config)(event);
    return 'requests' in answer ? answer.requests : [];
  };
  const alone = requestsFor({});
  expect(alone).toHaveLength(2);
  expect(requestsFor({ batchSize: 1 })).toEqual(alone.map((request) => ({ ...request, body: [event] })));
});

test('a test posts something that is no event to each URL, marked, signed and with the headers of the connection', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const trial = webhooks.test({ urls: [hook, `${hook}2`], secret, headers: { 'X-Team': 'growth' } });
  if ('unchecked' in trial) expect.fail('it has a test');
  expect(trial.requests).toEqual(
    [hook, `${hook}2`].map((url, index) => ({
      key: `${index}`,
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', 'X-Team': 'growth', 'x-test': 'true' },
      body: { type: 'test', message: 'This is a test of the connection, and no event.' },
      sign: { scheme: 'standard-webhooks', secret },
    })),
  );
});

const taken = { failure: undefined, json: undefined };
const refused = { failure: 'HTTP 400', json: undefined };

test.each([
  [[taken], 'works', 'The receiver took the test request.'],
  [[taken, taken], 'works', 'All 2 receivers took the test request.'],
  [[refused], 'fails', 'The test request was not taken: HTTP 400. A receiver'],
  [[taken, refused], 'fails', 'The test request was not taken: URL 2: HTTP 400. A receiver'],
])('the answers %j to a test mean that the connection %s', (answers, verdict, sentence) => {
  const trial = webhooks.test({ urls: answers.map(() => hook) });
  if ('unchecked' in trial) expect.fail('it has a test');
  expect(trial.read(answers)).toEqual({ verdict, sentence: expect.stringContaining(sentence) });
});
