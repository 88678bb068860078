import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type LookupFunction } from 'node:net';
import type { OutgoingRequest } from '@metarouter/destinations';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { createSender, type SenderOptions } from './sender.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Seen {
  readonly request: IncomingMessage;
  readonly body: string;
}

/** A receiver on loopback that keeps what it gets and counts every connection. */
async function listen(answer: RequestListener = (_, response) => response.end('ok')) {
  const seen: Seen[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ request, body: Buffer.concat(chunks).toString() });
      answer(request, response);
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: portOf(server.address()), seen, connections: () => connections };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

function open(options: Partial<SenderOptions> = {}) {
  const declared = { 404: { kind: 'misconfigured', reason: 'nothing is here' } } as const;
  const channel = createSender({ clock: systemClock, allowPrivate: ['127.0.0.0/8'], ...options }).open(
    4,
    declared,
  );
  closers.push(() => channel.close());
  return (url: string, request: Partial<OutgoingRequest> = {}, body = '{"a":1}') =>
    channel.send({
      request: {
        key: '0',
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json' },
        body: {},
        ...request,
      },
      body,
      idempotencyKey: 'p:m-1',
    });
}

describe('a request', () => {
  test('arrives with its body, its headers and its idempotency key', async () => {
    const { port, seen } = await listen();
    expect(await open()(`http://127.0.0.1:${port}/a?b=c`)).toEqual({ kind: 'delivered', status: 200 });
    const [{ request, body } = await Promise.reject(new Error('nothing came'))] = seen;
    expect([request.method, request.url, body]).toEqual(['POST', '/a?b=c', '{"a":1}']);
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': '7',
      'idempotency-key': 'p:m-1',
    });
  });

  test('is signed as Standard Webhooks says, at the time of the attempt', async () => {
    const { port, seen } = await listen();
    const clock = new VirtualClock(1_772_355_600_500);
    const key = Buffer.from('0123456789abcdef01234567');
    const secret = `whsec_${key.toString('base64')}`;
    await open({ clock })(`http://127.0.0.1:${port}/`, { sign: { scheme: 'standard-webhooks', secret } });
    const code = createHmac('sha256', key).update('p:m-1.1772355600.{"a":1}').digest('base64');
    expect(seen[0]?.request.headers).toMatchObject({
      'webhook-id': 'p:m-1',
      'webhook-timestamp': '1772355600',
      'webhook-signature': `v1,${code}`,
    });
  });

  test('that is refused comes back with the status and only the first KiB of the answer', async () => {
    const { port } = await listen((_, response) => response.writeHead(422).end('x'.repeat(200_000)));
    const outcome = await open()(`http://127.0.0.1:${port}/`);
    expect(outcome).toEqual({ kind: 'rejected', reason: 'HTTP 422', status: 422, answer: 'x'.repeat(1_024) });
  });

  test('means what the destination declares, but nothing left to delete is deleted', async () => {
    const { port, seen } = await listen((_, response) => response.writeHead(404).end());
    const send = open();
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({
      kind: 'misconfigured',
      reason: 'HTTP 404: nothing is here',
    });
    const removal = { method: 'DELETE', body: undefined, headers: {} } as const;
    expect(await send(`http://127.0.0.1:${port}/`, removal, '')).toEqual({ kind: 'delivered', status: 404 });
    expect(seen[1]).toMatchObject({ request: { method: 'DELETE' }, body: '' });
  });

  test('that gets no complete answer in 15 s is given up for this time', async () => {
    const { port, seen } = await listen((_, response) => response.writeHead(200).write('a'));
    const clock = new VirtualClock();
    const sent = open({ clock })(`http://127.0.0.1:${port}/`);
    await expect.poll(() => seen.length).toBe(1);
    await clock.pass(15_000);
    expect(await sent).toEqual({ kind: 'retry', reason: 'no complete answer within 15 s' });
    expect(clock.waiting).toBe(0);
  });

  test('to a receiver that is not there, or that hangs up, is to be tried again', async () => {
    const { port } = await listen((request) => request.socket.destroy());
    expect(await open()(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'retry' });
    const gone = createTcpServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const gonePort = portOf(gone.address());
    await new Promise((resolve) => gone.close(resolve));
    expect(await open()(`http://127.0.0.1:${gonePort}/`)).toEqual({
      kind: 'retry',
      reason: 'no answer (ECONNREFUSED)',
    });
  });

  test.each([
    ['x-a', 'a\r\nb: c'],
    ['x a', 'b'],
    ['upgrade', 'h2c'],
    ['keep-alive', 'timeout=5'],
    ['expect', '100-continue'],
  ])(
    'with the header %j that cannot be written is the fault of the set-up, not of the event',
    async (...pair) => {
      const { port, seen } = await listen();
      const outcome = await open()(`http://127.0.0.1:${port}/`, { headers: Object.fromEntries([pair]) });
      expect(outcome).toMatchObject({ kind: 'misconfigured' });
      expect(seen).toEqual([]);
    },
  );
});

describe('nothing inside is reached', () => {
  const LITERALS = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0x7f.1',
    '①②⑦.0.0.1',
    '0',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
  ];

  test.each(LITERALS)('by the address written as %s', async (host) => {
    const { port, connections } = await listen();
    const send = open({ allowPrivate: [] });
    expect(await send(`http://${host}:${port}/`)).toMatchObject({ kind: 'misconfigured' });
    expect(await send(`https://${host}:${port}/`)).toMatchObject({ kind: 'misconfigured' });
    expect(connections()).toBe(0);
  });

  test('by a name that leads inside', async () => {
    const { port, connections } = await listen();
    expect(await open({ allowPrivate: [] })(`http://localhost:${port}/`)).toMatchObject({
      kind: 'misconfigured',
    });
    expect(connections()).toBe(0);
  });

  test('by a name that leads outside at first and inside later', async () => {
    const { port, connections } = await listen();
    const answers = ['198.18.0.1', '127.0.0.1', '::1', '::ffff:127.0.0.1'];
    const lookup: LookupFunction = (_name, _options, callback) => {
      callback(null, [{ address: answers.shift() ?? '127.0.0.1', family: 4 }]);
    };
    const send = open({ allowPrivate: [], lookup });
    for (let attempt = 0; attempt < 6; attempt += 1) {
      expect(await send(`http://rebinding.example:${port}/`)).toMatchObject({ kind: 'misconfigured' });
    }
    expect(connections()).toBe(0);
  });

  test('by a name with an outside and an inside address: only the outside one is tried', async () => {
    const { port, connections } = await listen();
    const lookup: LookupFunction = (_name, _options, callback) =>
      callback(null, [
        { address: '::1', family: 6 },
        { address: '127.0.0.9', family: 4 },
      ]);
    const send = open({ allowPrivate: ['127.0.0.0/8'], lookup });
    expect(await send(`http://two.example:${port}/`)).toEqual({ kind: 'delivered', status: 200 });
    expect(connections()).toBe(1);
  });

  test.each([301, 302, 303, 307, 308])('by a redirect with status %i', async (status) => {
    const inside = await listen();
    const outside = await listen((_, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${inside.port}/` }).end(),
    );
    expect(await open()(`http://127.0.0.1:${outside.port}/`)).toMatchObject({ kind: 'retry', status });
    expect(inside.connections()).toBe(0);
  });

  test.each([
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'unix:/run/x.sock',
    'http://',
    'http://127.0.0.1:22/',
  ])('by %s', async (url) => {
    expect(await open()(url)).toMatchObject({ kind: 'misconfigured' });
  });

  test.each(['127.0.0.1', 'localhost'])('by its own port at %s', async (host) => {
    const { port, connections } = await listen();
    const send = open({ allowPrivate: ['127.0.0.0/8', '::1/128'], ownPorts: [port] });
    expect(await send(`http://${host}:${port}/`)).toMatchObject({ kind: 'misconfigured' });
    expect(connections()).toBe(0);
  });
});
