import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { OutgoingRequest } from '@metarouter/destinations';
import { onTestFinished } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import type { Outcome } from './outcome.ts';
import { type Channel, createSender, type SenderOptions, type Shipment } from './sender.ts';

interface Seen {
  readonly request: IncomingMessage;
  readonly body: string;
}

/** A receiver on all of this machine's addresses that keeps what it gets and counts every connection. */
export async function listen(answer: RequestListener = (_, response) => response.end('ok')) {
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
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: portOf(server.address()), seen, connections: () => connections };
}

/** A receiver that answers whatever bytes it likes, once a request's first bytes are there; and its open connections. */
export async function listenRaw(answer: (socket: Socket) => void) {
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.once('data', () => answer(socket));
    // That the other end hangs up is what some tests want.
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${portOf(server.address())}/`, open };
}

/** The port that a server listens on. */
export function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

/** A channel to 127.0.0.0/8 by the machine's clock, unless the options say otherwise. It knows what 404 means. */
export function openChannel(options: Partial<SenderOptions> = {}): Channel {
  const declared = { 404: { kind: 'misconfigured', reason: 'nothing is here' } } as const;
  const sender = createSender({ clock: systemClock, allowPrivate: ['127.0.0.0/8'], ...options });
  const channel = sender.open(4, declared);
  onTestFinished(() => channel.close());
  return channel;
}

/** Posts a small JSON body to a URL. */
export type Send = (
  url: string,
  request?: Partial<OutgoingRequest>,
  shipment?: Partial<Shipment>,
) => Promise<Outcome>;

/** How to send through such a channel. */
export function openSend(options: Partial<SenderOptions> = {}): Send {
  return sendThrough(openChannel(options));
}

/** How to send through this channel. */
export function sendThrough(channel: Channel): Send {
  const headers = { 'content-type': 'application/json' };
  return (url, request = {}, shipment = {}) =>
    channel.send({
      request: { key: '0', method: 'POST', url, headers, body: {}, ...request },
      body: '{"a":1}',
      idempotencyKey: 'p:m-1',
      replay: false,
      ...shipment,
    });
}
