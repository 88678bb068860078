import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { createWebServer, type WebServer } from './web-server.ts';

/** The one hot route of this server answers with what it was asked for. */
const hot = {
  handles: (target: string) => target === '/hot',
  handle: (_request: unknown, response: { end(text: string): void }) => {
    if (answerLater) setImmediate(() => response.end('hot'));
    else if (!slow) response.end('hot');
  },
};
/** Whether the hot route answers in a later turn, as it does when it waits for a disk. */
let answerLater = false;
/** Whether the hot route keeps its clients waiting. */
let slow = false;
const bugs: unknown[] = [];
let server: WebServer;
let port: number;

beforeAll(async () => {
  server = createWebServer(hot, systemClock, (error) => bugs.push(error));
  server.routes.get('/cold/:name', () => 'cold');
  server.routes.get('/bug', () => {
    throw new Error('a bug');
  });
  port = await server.listen('127.0.0.1', 0);
});
afterAll(() => server.close());

/** All that comes back on a connection until the server closes it. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    socket.setEncoding('utf8').on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', () => undefined).on('close', () => resolve(received));
  });
}

test.each([
  ['bytes that are no HTTP', 'hello\r\n\r\n', 400, 'malformed_http'],
  [
    'two lengths',
    'POST /hot HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    400,
    'malformed_http',
  ],
  [
    'a length and chunks',
    'POST /hot HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'malformed_http',
  ],
  [
    'headers without end',
    `GET /hot HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  ['two Host headers', 'GET /hot HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n', 400, 'too_many_hosts'],
  ['no Host header', 'GET /hot HTTP/1.1\r\n\r\n', 400, 'invalid_host'],
  [
    'an expectation that nobody knows',
    'POST /hot HTTP/1.1\r\nHost: a\r\nExpect: cake\r\n\r\n',
    417,
    'expectation_failed',
  ],
  [
    'a content type that is none',
    'POST /cold/x HTTP/1.1\r\nHost: a\r\nContent-Type: \xff\r\nContent-Length: 1\r\n\r\nx',
    400,
    'malformed_http',
  ],
  ['a path that cannot be decoded', 'GET /cold/%ff HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed_http'],
])('%s is refused with a reason, and the connection is closed', async (_, text, status, code) => {
  const answer = await raw(text);
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(JSON.parse(body)).toMatchObject({ success: false, code, message: expect.stringMatching(/./) });
});

test('a request of HTTP/1.0 needs no Host, and Expect: 100-continue is known', async () => {
  expect(await raw('GET /hot HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK.*hot$/s);
  const told = await raw('GET /hot HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n');
  expect(told).toMatch(/^HTTP\/1\.1 100 Continue.*200 OK/s);
});

test('an answer that is under way is sent before the connection of a broken request is closed', async () => {
  const answer = await raw('POST /hot HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\nabc');
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
});

test('good requests before a broken one get their own answers first', async () => {
  const good = 'GET /hot HTTP/1.1\r\nHost: a\r\n\r\n';
  answerLater = true;
  const answer = await raw(`${good}${good}garbage\r\n\r\n`);
  answerLater = false;
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400']);
});

test('a request that was refused at its first bytes gets no second answer when it then breaks off', async () => {
  const answer = await raw(
    'POST /cold/x HTTP/1.1\r\nHost: a\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  );
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400']);
});

test('a target may be given with its scheme and host, as to a proxy; a tunnel is refused', async () => {
  const end = 'HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  expect(await raw(`GET http://events.example/hot ${end}`)).toMatch(/200 OK.*hot$/s);
  expect(await raw(`CONNECT events.example:443 ${end}`)).toMatch(/^HTTP\/1\.1 405 .*CONNECT is not served/s);
});

test('a large body that nobody wants is read before the answer, so that its sender sees that', async () => {
  const body = 'x'.repeat(2_000_000);
  const answer = await raw(
    `POST /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
});

test('an error of ours on any route is told and answered 500, with the documented keys', async () => {
  const answer = await raw('GET /bug HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 500 .*"Error".*"code":"internal"/s);
  expect(bugs).toEqual([new Error('a bug')]);
});

test('a connection may send some requests ahead of their answers, and is closed when it sends too many', async () => {
  const request = 'GET /hot HTTP/1.1\r\nHost: a\r\n\r\n';
  const last = 'GET /hot HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  expect((await raw(request.repeat(30) + last)).match(/200 OK/g)).toHaveLength(31);
  slow = true;
  expect(await raw(request.repeat(100))).toBe('');
});

test('a stop waits for the answers that are under way, and not for connections on which nothing was asked', async () => {
  const asked = Promise.withResolvers<{ end(text: string): void }>();
  let now = 0;
  let looks = 0;
  const stopping = createWebServer(
    { handles: () => true, handle: (_, response) => asked.resolve(response) },
    // Time stands still but for once: whoever waits for it to pass waits for ever.
    {
      ...systemClock,
      monotonic: () => now,
      after(delayMs, task) {
        looks += 1;
        return systemClock.after(delayMs, task);
      },
    },
    (error) => bugs.push(error),
  );
  const at = await stopping.listen('127.0.0.1', 0);
  const unused = connect(at, '127.0.0.1');
  await once(unused, 'connect');
  let received = '';
  const used = connect(at, '127.0.0.1', () => used.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
  used.on('data', (chunk) => {
    received += chunk;
  });
  const response = await asked.promise;
  const stopped = stopping.close();
  // Its first request might still be on its way.
  await expect.poll(() => looks).toBeGreaterThan(1);
  expect(unused.closed).toBe(false);
  now = 100;
  await once(unused, 'close');
  expect(used.destroyed).toBe(false);
  response.end('late');
  await stopped;
  expect(received).toMatch(/200 OK.*late$/s);
});
