import { createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { listen, openChannel, openSend, portOf, sendThrough } from './delivery.fixture.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const DELIVERED = { kind: 'delivered', status: 200, answer: 'ok' };
const CLOSED = { kind: 'retry', reason: 'no answer (the connection was closed)' };
const CUT_SHORT = { kind: 'retry', reason: 'no answer (the connection was closed in the middle of it)' };

/**
 * A receiver that does what it is told with the first bytes of each request; its connections, and how many requests it
 * saw. Requests are small enough to come in one piece.
 */
async function receive(answer: (socket: Socket, request: number) => void) {
  const sockets: Socket[] = [];
  let requests = 0;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', () => {
      requests += 1;
      answer(socket, requests);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${portOf(server.address())}/`, sockets, requests: () => requests };
}

describe('a connection', () => {
  test('carries one request after the other', async () => {
    const { url, sockets } = await receive((socket) => socket.write(OK));
    const send = openSend();
    for (let sent = 0; sent < 5; sent += 1) expect(await send(url)).toEqual(DELIVERED);
    expect(sockets).toHaveLength(1);
  });

  test('is not used again after an answer that says so, or does not say where it ends', async () => {
    for (const answer of [
      'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok',
      'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    ]) {
      const { url, sockets } = await receive((socket) => socket.write(answer));
      const send = openSend();
      for (let sent = 0; sent < 2; sent += 1) expect(await send(url)).toEqual(DELIVERED);
      expect(sockets).toHaveLength(2);
      await expect.poll(() => sockets[0]?.destroyed).toBe(true);
    }
    const { url, sockets } = await receive((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nok'));
    const send = openSend();
    for (let sent = 0; sent < 2; sent += 1) expect(await send(url)).toEqual(DELIVERED);
    expect(sockets).toHaveLength(2);
  });

  test('on which more came than the answer is thrown away, and the rest is never the next answer', async () => {
    const evil = 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n';
    const together = await receive((socket) => socket.write(OK + evil));
    const send = openSend();
    for (let sent = 0; sent < 3; sent += 1) expect(await send(together.url)).toEqual(DELIVERED);
    expect(together.sockets).toHaveLength(3);

    const later = await receive((socket, request) => socket.write(request % 2 === 1 ? OK : evil));
    expect(await send(later.url)).toEqual(DELIVERED);
    later.sockets[0]?.write(evil);
    await expect.poll(() => later.sockets[0]?.destroyed).toBe(true);
    expect(later.requests()).toBe(1);
  });

  test('that the receiver closed while it was idle is not used', async () => {
    const { url, sockets } = await receive((socket) => socket.write(OK));
    const send = openSend();
    expect(await send(url)).toEqual(DELIVERED);
    sockets[0]?.end();
    await expect.poll(() => sockets[0]?.destroyed).toBe(true);
    expect(await send(url)).toEqual(DELIVERED);
    expect(sockets).toHaveLength(2);
  });

  test('is closed after 30 s without a request, or a second before the receiver would do it', async () => {
    for (const [hint, idleMs] of [
      ['', 30_000],
      ['keep-alive: timeout=5\r\n', 4_000],
    ] as const) {
      const answer = `HTTP/1.1 200 OK\r\n${hint}content-length: 2\r\n\r\nok`;
      const { url, sockets } = await receive((socket) => socket.write(answer));
      const clock = new VirtualClock();
      const send = openSend({ clock });
      await Promise.all([send(url), send(url)]);
      await clock.pass(idleMs - 1);
      expect(await send(url)).toEqual(DELIVERED);
      expect(sockets).toHaveLength(2);
      await clock.pass(1);
      await expect.poll(() => sockets.filter(({ destroyed }) => destroyed).length).toBe(1);
      await clock.pass(idleMs);
      await expect.poll(() => sockets.filter(({ destroyed }) => destroyed).length).toBe(2);
      await clock.pass(60_000);
      expect(clock.waiting).toBe(0);
    }
  });

  test('that closes after the request and before any answer means another try, which is not made in silence', async () => {
    const { url, sockets, requests } = await receive((socket, request) => {
      if (request === 1) socket.write(OK);
      else socket.destroy();
    });
    const send = openSend();
    expect(await send(url)).toEqual(DELIVERED);
    expect(await send(url)).toEqual(CLOSED);
    expect([sockets.length, requests()]).toEqual([1, 2]);
  });

  test('that the receiver half closes ends what it has not answered', async () => {
    const silent = await receive((socket) => socket.end());
    expect(await openSend()(silent.url)).toEqual(CLOSED);
    const midway = await receive((socket) => socket.end(OK.slice(0, -1)));
    expect(await openSend()(midway.url)).toEqual(CUT_SHORT);
  });

  test('that is reset in the middle of an answer means another try', async () => {
    const { url } = await receive((socket) => {
      socket.write(OK.slice(0, -1));
      setImmediate(() => socket.resetAndDestroy());
    });
    expect(await openSend()(url)).toEqual({ kind: 'retry', reason: 'no answer (ECONNRESET)' });
  });

  test('to something that does not speak HTTP is given up at once, and closed', async () => {
    for (const garbage of ['220 mail.example ESMTP', '\x15\x03\x01\x00\x02\x02', '{"ok":true}']) {
      const { url, sockets } = await receive((socket) => socket.write(garbage));
      const outcome = await openSend({ clock: new VirtualClock() })(url);
      expect(outcome).toEqual({ kind: 'retry', reason: 'no answer (it is not HTTP/1.1)' });
      await expect.poll(() => sockets[0]?.destroyed).toBe(true);
    }
  });

  test('whose answer came before all of the request was read is not used again', async () => {
    const { url, sockets } = await receive((socket, request) => {
      if (request > 1) return;
      socket.pause();
      socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n');
    });
    const outcome = await openSend()(url, {}, { body: 'x'.repeat(32 * 1_024 * 1_024) });
    expect(outcome).toMatchObject({ kind: 'rejected', status: 413 });
    for (const socket of sockets) socket.resume();
    await expect.poll(() => sockets[0]?.destroyed).toBe(true);
  });
});

test('answers of many connections at the same time are not mixed up', async () => {
  const { port } = await listen((request, response) => {
    const mark = String(request.headers['x-mark']);
    response.write(mark.repeat(50));
    setImmediate(() => response.end(mark.repeat(50)));
  });
  const send = openSend();
  const marks = Array.from({ length: 100 }, (_, number) => `${number};`);
  const outcomes = await Promise.all(
    marks.map((mark) => send(`http://127.0.0.1:${port}/`, { headers: { 'x-mark': mark } })),
  );
  expect(outcomes.map((outcome) => outcome.kind === 'delivered' && outcome.answer)).toEqual(
    marks.map((mark) => mark.repeat(100)),
  );
});

test('an answer is read from whichever of the addresses of a name takes the connection', async () => {
  const { url, sockets } = await receive((socket) => socket.write(OK));
  const addresses = ['127.0.0.2', '127.0.0.3', '127.0.0.1'].map((address) => ({ address, family: 4 }));
  const send = openSend({ lookup: (_name, _options, callback) => callback(null, addresses) });
  for (let sent = 0; sent < 2; sent += 1)
    expect(await send(url.replace('127.0.0.1', 'receiver.example'))).toEqual(DELIVERED);
  expect(sockets).toHaveLength(1);
});

test('what waits for a connection for 15 s is given up, and never sent', async () => {
  const { url, requests } = await receive(() => {});
  const clock = new VirtualClock();
  const channel = openChannel({ clock });
  const sent = Array.from({ length: 10 }, () => sendThrough(channel)(url));
  await expect.poll(() => requests()).toBe(4);
  await clock.pass(15_000);
  const late = { kind: 'retry', reason: 'no complete answer within 15 s' };
  expect(await Promise.all(sent)).toEqual(sent.map(() => late));
  expect([requests(), clock.waiting]).toEqual([4, 0]);
});

test('a connection that does not come about is given up after 10 s, the handshake included', async () => {
  const { url, sockets } = await receive(() => {});
  const clock = new VirtualClock();
  const sent = openSend({ clock })(url.replace('http:', 'https:'));
  await expect.poll(() => sockets.length).toBe(1);
  await clock.pass(9_999);
  expect(sockets[0]?.destroyed).toBe(false);
  await clock.pass(1);
  expect(await sent).toEqual({ kind: 'retry', reason: 'no answer (no connection within 10 s)' });
  await expect.poll(() => sockets[0]?.destroyed).toBe(true);
});

test('a request says where it goes: the port where it is not the usual one, and brackets around IPv6', async () => {
  const { port, seen } = await listen();
  const send = openSend({
    allowPrivate: ['127.0.0.0/8', '::1/128'],
    lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
  });
  for (const host of ['127.0.0.1', '[::1]', 'receiver.example']) await send(`http://${host}:${port}/`);
  expect(seen.map(({ request }) => request.headers.host)).toEqual([
    `127.0.0.1:${port}`,
    `[::1]:${port}`,
    `receiver.example:${port}`,
  ]);
});
