import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { listen, listenRaw, openSend } from './delivery.fixture.ts';

const KIB = 1_024;

/** Writes the same bytes again and again, as fast as they are taken, until the other end hangs up. */
function flood(socket: Socket, bytes: string): void {
  const more = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', more);
  more();
}

describe('of an answer', () => {
  test('the first KiB is kept, whatever it means', async () => {
    for (const [status, kind] of [
      [200, 'delivered'],
      [422, 'rejected'],
      [503, 'retry'],
      [401, 'misconfigured'],
    ] as const) {
      const { port } = await listen((_, response) => response.writeHead(status).end('é'.repeat(1_000)));
      const outcome = await openSend()(`http://127.0.0.1:${port}/`);
      expect(outcome).toMatchObject({ kind, status, answer: 'é'.repeat(KIB / 2) });
    }
  });

  test('all is kept where that is asked for, up to 1 MiB', async () => {
    for (const [sent, kept] of [
      [200 * KIB, 200 * KIB],
      [2_000 * KIB, 1_024 * KIB],
    ] as const) {
      const { port } = await listen((_, response) => response.end('x'.repeat(sent)));
      const outcome = await openSend()(`http://127.0.0.1:${port}/`, {}, { wholeAnswer: true });
      expect(outcome).toEqual({ kind: 'delivered', status: 200, answer: 'x'.repeat(kept) });
    }
  });

  test('nothing is kept when it is empty', async () => {
    const { port } = await listen((_, response) => response.writeHead(204).end());
    expect(await openSend()(`http://127.0.0.1:${port}/`)).toEqual({ kind: 'delivered', status: 204 });
  });

  test('a pause that is asked for twice is nonsense', async () => {
    const answer = 'HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nretry-after: 7\r\n';
    const once = await listenRaw((socket) => socket.end(`${answer}\r\n`));
    expect(await openSend()(once.url)).toMatchObject({ kind: 'retry', retryAfterMs: 7_000 });
    const twice = await listenRaw((socket) => socket.end(`${answer}retry-after: 8\r\n\r\n`));
    expect(await openSend()(twice.url)).not.toHaveProperty('retryAfterMs');
  });
});

describe('an answer without an end', () => {
  const OK = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

  test('is heard out up to 1 MiB, and its connection is closed', async () => {
    const { url, open } = await listenRaw((socket) => {
      socket.write(OK);
      flood(socket, `400\r\n${'x'.repeat(KIB)}\r\n`);
    });
    expect(await openSend()(url)).toMatchObject({ kind: 'delivered', answer: 'x'.repeat(KIB) });
    await expect.poll(() => open.size).toBe(0);
  });

  test('that never begins, stalls or drips is given up after 15 s, and its connection is closed', async () => {
    for (const answer of ['', 'HTTP/1.1 200 OK\r\nx-a: ', OK]) {
      const clock = new VirtualClock();
      const drips: (() => void)[] = [];
      const { url, open } = await listenRaw((socket) => {
        socket.write(answer);
        drips.push(() => socket.write(answer === OK ? '1\r\nx\r\n' : ''));
      });
      const sent = openSend({ clock })(url);
      await expect.poll(() => drips.length).toBe(1);
      for (let ms = 0; ms < 14_800; ms += 200) {
        drips[0]?.();
        await clock.pass(200);
      }
      expect(open.size).toBe(1);
      await clock.pass(200);
      expect(await sent).toEqual({ kind: 'retry', reason: 'no complete answer within 15 s' });
      await expect.poll(() => open.size).toBe(0);
      expect(clock.waiting).toBe(0);
    }
  });

  test('in its headers is cut off', async () => {
    const { url, open } = await listenRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      flood(socket, `x-${'a'.repeat(98)}: ${'b'.repeat(98)}\r\n`);
    });
    expect(await openSend()(url)).toMatchObject({
      kind: 'retry',
      reason: 'no answer (its headers are longer than 16 KiB)',
    });
    await expect.poll(() => open.size).toBe(0);
  });

  test('in its trailers is cut off', async () => {
    const { url, open } = await listenRaw((socket) => {
      socket.write(`${OK}0\r\n`);
      flood(socket, `x-${'a'.repeat(98)}: ${'b'.repeat(98)}\r\n`);
    });
    expect(await openSend()(url)).toMatchObject({ kind: 'retry' });
    await expect.poll(() => open.size).toBe(0);
  });

  test('of interim answers is cut off', async () => {
    const { url, open } = await listenRaw((socket) =>
      flood(socket, 'HTTP/1.1 103 Early Hints\r\nx-a: b\r\n\r\n'),
    );
    expect(await openSend()(url)).toEqual({
      kind: 'retry',
      reason: 'no final answer among 100 interim ones',
    });
    await expect.poll(() => open.size).toBe(0);
  });
});

test('a few interim answers before the final one do no harm', async () => {
  const { url } = await listenRaw((socket) =>
    socket.end(
      `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(5)}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`,
    ),
  );
  expect(await openSend()(url)).toEqual({ kind: 'delivered', status: 200, answer: 'ok' });
});

test('a compressed bomb is not inflated: it is never asked for, and kept as it came', async () => {
  const bomb = gzipSync(Buffer.alloc(40 * KIB * KIB));
  const { port, seen } = await listen((_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
  );
  const outcome = await openSend()(`http://127.0.0.1:${port}/`);
  expect(outcome).toMatchObject({ kind: 'delivered', answer: bomb.subarray(0, KIB).toString() });
  expect(seen[0]?.request.headers).not.toHaveProperty('accept-encoding');
});
