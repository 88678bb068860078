import { createHmac } from 'node:crypto';
import { createServer, type LookupFunction } from 'node:net';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { listen, openChannel, openSend, portOf, sendThrough } from './delivery.fixture.ts';

describe('a request', () => {
  test('arrives with its body, its headers and its idempotency key', async () => {
    const { port, seen } = await listen();
    expect(await openSend()(`http://127.0.0.1:${port}/a?b=c`)).toMatchObject({
      kind: 'delivered',
      status: 200,
    });
    const [{ request, body } = await Promise.reject(new Error('nothing came'))] = seen;
    expect([request.method, request.url, body]).toEqual(['POST', '/a?b=c', '{"a":1}']);
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': '7',
      'idempotency-key': 'p:m-1',
    });
  });

  test('says that it is a replay when it is one', async () => {
    const { port, seen } = await listen();
    const send = openSend();
    await send(`http://127.0.0.1:${port}/`);
    await send(`http://127.0.0.1:${port}/`, {}, { replay: true });
    expect(seen.map(({ request }) => request.headers['x-replay'])).toEqual([undefined, 'true']);
  });

  test('is signed as Standard Webhooks says, at the time of the attempt', async () => {
    const { port, seen } = await listen();
    const clock = new VirtualClock(1_772_355_600_500);
    const key = Buffer.from('0123456789abcdef01234567');
    const secret = `whsec_${key.toString('base64')}`;
    const sign = { scheme: 'standard-webhooks', secret } as const;
    await openSend({ clock })(`http://127.0.0.1:${port}/`, { sign });
    const code = createHmac('sha256', key).update('p:m-1.1772355600.{"a":1}').digest('base64');
    expect(seen[0]?.request.headers).toMatchObject({
      'webhook-id': 'p:m-1',
      'webhook-timestamp': '1772355600',
      'webhook-signature': `v1,${code}`,
    });
  });

  test('means what the destination declares, but nothing left to delete is deleted', async () => {
    const { port, seen } = await listen((_, response) => response.writeHead(404).end());
    const send = openSend();
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({
      kind: 'misconfigured',
      reason: 'HTTP 404: nothing is here',
    });
    const removal = { method: 'DELETE', body: undefined, headers: {} } as const;
    expect(await send(`http://127.0.0.1:${port}/`, removal, { body: '' })).toEqual({
      kind: 'delivered',
      status: 404,
    });
    expect(seen[1]).toMatchObject({ request: { method: 'DELETE' }, body: '' });
  });

  test('to a receiver that is not there, or that hangs up, is to be tried again', async () => {
    const { port } = await listen((request) => request.socket.destroy());
    expect(await openSend()(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'retry' });
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const gonePort = portOf(gone.address());
    await new Promise((resolve) => gone.close(resolve));
    expect(await openSend()(`http://127.0.0.1:${gonePort}/`)).toEqual({
      kind: 'retry',
      reason: 'no answer (ECONNREFUSED)',
    });
  });

  test('to a name that has no address, or whose name server is out of order, is to be tried again', async () => {
    for (const [code, words] of [
      ['ENOTFOUND', 'its host name has no address'],
      ['EAI_AGAIN', 'no name server says what the address of its host name is'],
    ] as const) {
      const lookup: LookupFunction = (_name, _options, callback) =>
        callback(Object.assign(new Error(code), { code }), []);
      expect(await openSend({ lookup })('http://nowhere.example/')).toEqual({
        kind: 'retry',
        reason: `not sent: ${words} (${code})`,
      });
    }
  });

  test('to a name that is not looked up in time is to be tried again, and says so', async () => {
    const clock = new VirtualClock();
    const sent = openSend({ clock, lookup: () => {} })('http://hung.example/');
    await clock.pass(5_000);
    expect(await sent).toEqual({
      kind: 'retry',
      reason: 'not sent: looking up its host name took longer than 5 s',
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
      const outcome = await openSend()(`http://127.0.0.1:${port}/`, { headers: Object.fromEntries([pair]) });
      expect(outcome).toMatchObject({ kind: 'misconfigured' });
      expect(seen).toEqual([]);
    },
  );
});

describe('a channel that is closed', () => {
  const BROKEN_OFF = { kind: 'retry', reason: 'broken off: the pipeline stops or changes' };

  test('settles at once what waits for a name, for a connection, and for an answer', async () => {
    const { port, seen } = await listen(() => {});
    // Time stands still, so nothing ends because it took too long.
    const clock = new VirtualClock();
    const channel = openChannel({ clock, lookup: () => {} });
    const send = sendThrough(channel);
    const sent = [
      send('http://hung.example/'),
      ...Array.from({ length: 9 }, () => send(`http://127.0.0.1:${port}/`)),
    ];
    await expect.poll(() => seen.length).toBe(4);
    await channel.close();
    expect(await Promise.all(sent)).toEqual(sent.map(() => BROKEN_OFF));
    expect(seen).toHaveLength(4);
  });

  test('settles what is in the middle of an answer', async () => {
    const { port, seen } = await listen((_, response) => response.writeHead(200).write('a'));
    const channel = openChannel();
    const sent = sendThrough(channel)(`http://127.0.0.1:${port}/`);
    await expect.poll(() => seen.length).toBe(1);
    await channel.close();
    expect(await sent).toEqual(BROKEN_OFF);
  });

  test('sends nothing more', async () => {
    const { port, connections } = await listen();
    const channel = openChannel();
    await channel.close();
    expect(await sendThrough(channel)(`http://127.0.0.1:${port}/`)).toEqual(BROKEN_OFF);
    expect(connections()).toBe(0);
  });
});
