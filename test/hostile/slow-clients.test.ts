import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { residentBytes } from '../support/resident-memory.ts';
import { startServer } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { WRITE_KEY, writeWorkspace } from '../support/workspace-file.ts';

/** How many bad clients there are at a time. */
const CLIENTS = 100;
/** How long a request may take to arrive, in milliseconds. */
const CLOSED_WITHIN_MS = 15_000;
/** A test on a busy machine learns of a close later than it happened. */
const LEARNED_WITHIN_MS = 3_000;
/** How often a dripping client sends a byte. */
const DRIP_EVERY_MS = 200;
/**
 * How much memory clients that do not read their answers may cost, in bytes. What they cost while it lasts is 45 MB; what V8 has
 * not collected yet comes to up to 180 MB with it.
 */
const UNREAD_BYTES_MAX = 256 * 1024 * 1024;

const event = JSON.stringify({ writeKey: WRITE_KEY, userId: 'u', event: 'Slow' });

/** What a request begins with that then comes byte by byte. */
const BEGINNINGS = {
  body: 'POST /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n',
  'chunked body': 'POST /v1/batch HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n',
  'body that is refused already': 'POST /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n',
  headers: 'POST /v1/track HTTP/1.1\r\nHost: a\r\nX: ',
};

test('clients that send a byte each 200 ms are cut off within 15 s, and others are served meanwhile', async () => {
  await using running = await startAlone();
  const { server } = running;
  const dripping = Object.entries(BEGINNINGS).flatMap(([what, beginning]) =>
    Array.from({ length: CLIENTS / 4 }, async () => ({ what, tookMs: await drip(server.port, beginning) })),
  );
  let isOver = false;
  const closed = Promise.all(dripping).finally(() => {
    isOver = true;
  });
  let served = 0;
  while (!isOver) {
    const answer = await fetch(`${server.url}/v1/track`, { method: 'POST', body: event });
    expect(answer.status).toBe(200);
    served += 1;
  }
  const late = (await closed).filter(({ tookMs }) => tookMs > CLOSED_WITHIN_MS + LEARNED_WITHIN_MS);
  expect(late).toEqual([]);
  expect(served).toBeGreaterThan(CLIENTS);
});

test('clients that send without end and never read their answers cost little, and others are served', async () => {
  await using running = await startAlone();
  const { server } = running;
  const request = `POST /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: ${event.length}\r\n\r\n${event}`;
  const many = Buffer.from(request.repeat(100));
  const before = await residentBytes(server.pid);
  const sockets = Array.from({ length: CLIENTS / 2 }, () => flood(server.port, many));
  await eventually(
    () => 'every such connection closed',
    () => sockets.every((socket) => socket.destroyed),
    CLOSED_WITHIN_MS,
  );
  const answer = await fetch(`${server.url}/v1/track`, { method: 'POST', body: event });
  expect(answer.status).toBe(200);
  expect((await residentBytes(server.pid)) - before).toBeLessThan(UNREAD_BYTES_MAX);
});

async function startAlone() {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const workspace = await writeWorkspace(directory.path);
  const server = opened.use(await startServer({ workspace, data: `${directory.path}/data` }));
  const all = opened.move();
  return { server, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Opens a request and adds a byte now and then. Resolves with the milliseconds until the server closed the connection. */
function drip(port: number, beginning: string): Promise<number> {
  const openedAt = performance.now();
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(beginning));
    const dripping = setInterval(() => socket.write('x'), DRIP_EVERY_MS);
    socket.on('error', () => undefined).resume();
    socket.on('close', () => {
      clearInterval(dripping);
      resolve(performance.now() - openedAt);
    });
  });
}

/** Writes as fast as it is taken, and reads nothing. */
function flood(port: number, bytes: Buffer): Socket {
  const socket = connect(port, '127.0.0.1');
  const more = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket
    .on('connect', more)
    .on('drain', more)
    .on('error', () => undefined)
    .pause();
  return socket;
}
