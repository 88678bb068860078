import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { SESSION_BYTES_MAX, SESSIONS_BYTES_MAX, TlsSessions } from './tls-sessions.ts';

const receiver = (number: number) => ({ isSecure: true, host: `r${number}.example`, port: 443 });

/** Offers the session of a receiver, as a socket does after its handshake. */
function offer(sessions: TlsSessions, number: number, session: Buffer): void {
  const socket = new TLSSocket(new Socket());
  sessions.keepThoseOf(socket, receiver(number));
  socket.emit('session', session);
  socket.destroy();
}

test('sessions take no more than 2 MiB together, whatever receivers put into them; those kept the longest go first', () => {
  const sessions = new TlsSessions();
  const fitting = SESSIONS_BYTES_MAX / SESSION_BYTES_MAX;
  for (let number = 0; number < fitting + 3; number += 1)
    offer(sessions, number, Buffer.alloc(SESSION_BYTES_MAX, number));
  const kept = Array.from({ length: fitting + 3 }, (_, number) => sessions.of(receiver(number)).session);
  expect(kept.slice(0, 3)).toEqual([undefined, undefined, undefined]);
  expect(kept.slice(3).map((session) => session?.length)).toEqual(
    Array.from({ length: fitting }, () => SESSION_BYTES_MAX),
  );
});

test('a session takes the place of the one before it, and no more', () => {
  const sessions = new TlsSessions();
  offer(sessions, 0, Buffer.from('first'));
  for (let times = 0; times <= SESSIONS_BYTES_MAX / SESSION_BYTES_MAX; times += 1)
    offer(sessions, 1, Buffer.alloc(SESSION_BYTES_MAX, times));
  expect(sessions.of(receiver(0)).session?.toString()).toBe('first');
});

test('a session of more than 16 KiB is not kept, nor the one that it was to replace', () => {
  const sessions = new TlsSessions();
  offer(sessions, 0, Buffer.from('old'));
  offer(sessions, 0, Buffer.alloc(SESSION_BYTES_MAX + 1));
  expect(sessions.of(receiver(0))).toEqual({});
});
