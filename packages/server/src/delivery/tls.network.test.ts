import { createServer } from 'node:https';
import type { LookupFunction } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openSend, portOf } from './delivery.fixture.ts';
import { TEST_CERTIFICATE, TEST_KEY } from './tls.fixture.ts';

/** Every name leads to this machine. */
const lookup: LookupFunction = (_name, _options, callback) =>
  callback(null, [{ address: '127.0.0.1', family: 4 }]);

interface Handshake {
  readonly serverName: string | false | null;
  readonly protocol: string | false | null;
  readonly isReused: boolean;
}

/** A receiver for `receiver.example` that closes each connection after its answer or not, and what it saw of each handshake. */
async function receive(maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3', connection = 'close') {
  const handshakes: Handshake[] = [];
  const options = { key: TEST_KEY, cert: TEST_CERTIFICATE, maxVersion, ALPNProtocols: ['http/1.1', 'h2'] };
  const server = createServer(options, (request, response) => {
    request.resume().on('end', () => response.setHeader('connection', connection).end('ok'));
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    const isReused = socket.isSessionReused();
    handshakes.push({ serverName: socket.servername, protocol: socket.alpnProtocol, isReused });
  });
  let requests = 0;
  server.on('request', () => {
    requests += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const port = portOf(server.address());
  return { url: (host: string) => `https://${host}:${port}/`, handshakes, requests: () => requests };
}

test('nothing is sent to a receiver whose certificate nobody vouches for', async () => {
  const { url, requests } = await receive();
  const send = openSend({ lookup });
  for (let sent = 0; sent < 2; sent += 1)
    expect(await send(url('receiver.example'))).toEqual({
      kind: 'retry',
      reason: 'no answer (DEPTH_ZERO_SELF_SIGNED_CERT)',
    });
  expect(requests()).toBe(0);
});

test('nor is it where the environment tells Node to trust everybody', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { url, requests } = await receive();
  expect(await openSend({ lookup })(url('receiver.example'))).toEqual({
    kind: 'retry',
    reason: 'no answer (DEPTH_ZERO_SELF_SIGNED_CERT)',
  });
  expect(requests()).toBe(0);
});

describe.skipIf(typeof tls.setDefaultCACertificates !== 'function')(
  'where its certificate is trusted',
  () => {
    // For the thread of this file alone.
    beforeAll(() => tls.setDefaultCACertificates([TEST_CERTIFICATE]));

    test('a receiver is told which name it is wanted for, and HTTP/1.1', async () => {
      const { url, handshakes } = await receive();
      expect(await openSend({ lookup })(url('receiver.example'))).toEqual({
        kind: 'delivered',
        status: 200,
        answer: 'ok',
      });
      expect(handshakes).toEqual([{ serverName: 'receiver.example', protocol: 'http/1.1', isReused: false }]);
    });

    test('a connection carries one request after the other, large ones included', async () => {
      const { url, handshakes, requests } = await receive('TLSv1.3', 'keep-alive');
      const send = openSend({ lookup });
      for (const bytes of [1, 4 * 1_024 * 1_024, 1]) {
        const outcome = await send(url('receiver.example'), {}, { body: 'x'.repeat(bytes) });
        expect(outcome).toMatchObject({ kind: 'delivered' });
      }
      expect([handshakes.length, requests()]).toEqual([1, 3]);
    });

    test.each(['TLSv1.2', 'TLSv1.3'] as const)(
      'the next handshake of %s goes on with the session',
      async (version) => {
        const { url, handshakes } = await receive(version);
        const send = openSend({ lookup });
        for (let sent = 0; sent < 3; sent += 1) await send(url('receiver.example'));
        expect(handshakes.map(({ isReused }) => isReused)).toEqual([false, true, true]);
      },
    );

    test.each(['TLSv1.2', 'TLSv1.3'] as const)(
      'nothing is sent by %s to a receiver whose certificate is for another name, however often',
      async (version) => {
        const { url, requests } = await receive(version);
        const send = openSend({ lookup });
        for (const host of ['other.example', 'other.example', '127.0.0.1', '127.0.0.1'])
          expect(await send(url(host))).toEqual({
            kind: 'retry',
            reason: 'no answer (ERR_TLS_CERT_ALTNAME_INVALID)',
          });
        expect(requests()).toBe(0);
      },
    );
  },
);
