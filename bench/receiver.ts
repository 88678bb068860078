// The receiver, a process of its own: counts requests and answers each with the same bytes, over raw sockets, so
// that it takes as little as possible of the machine that it shares with what is measured. `GET /count` tells how
// many there were (see receiver-count.ts) and is not counted. Prints its port.
import { createServer, type Socket } from 'node:net';

const ANSWER = answerWith('{"success":true}');
const HEAD_END = '\r\n\r\n';
let count = 0;

const server = createServer({ noDelay: true }, (socket) => {
  let pending: Buffer = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    pending = pending.subarray(answerWhole(pending, socket));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') console.log(`port ${address.port}`);
});

/** Answers every request that has arrived as a whole; returns how many bytes those were. */
function answerWhole(bytes: Buffer, socket: Socket): number {
  let done = 0;
  for (;;) {
    const headEnd = bytes.indexOf(HEAD_END, done);
    if (headEnd < 0) return done;
    const head = bytes.toString('latin1', done, headEnd);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const end = headEnd + HEAD_END.length + length;
    if (bytes.length < end) return done;
    done = end;
    if (head.startsWith('GET /count')) {
      socket.write(answerWith(JSON.stringify({ count, atMs: performance.now() })));
    } else {
      count += 1;
      socket.write(ANSWER);
    }
  }
}

function answerWith(json: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
  );
}
