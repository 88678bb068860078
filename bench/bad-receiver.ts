// A bad receiver, a process of its own, which reads what it is sent and never comes to the end of an answer. Prints
// its port.
//
//   node bench/bad-receiver.ts hangs|drips
//
// `hangs` answers nothing at all; `drips` answers a byte a second.
import { createServer, type Socket } from 'node:net';

const ANSWER = `HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n${' '.repeat(100_000)}`;
const DRIP_EVERY_MS = 1_000;
const drips = process.argv[2] === 'drips';

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', () => drips && drip(socket));
  socket.resume();
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') console.log(`port ${address.port}`);
});

function drip(socket: Socket): void {
  let sent = 0;
  const dripping = setInterval(() => socket.write(ANSWER.charAt(sent++)), DRIP_EVERY_MS);
  socket.on('close', () => clearInterval(dripping));
}
