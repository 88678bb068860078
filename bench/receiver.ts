// The receiver, a process of its own: counts requests and answers each with the same bytes, over raw sockets, so
// that it takes as little as possible of the machine that it shares with what is measured. Of events posted to
// `/timed` it also notes how long ago they were sent. `GET /count` and `GET /latencies` tell (see
// receiver-figures.ts) and are not counted. Prints its port.
import { createServer, type Socket } from 'node:net';
import { machineMs } from './machine-clock.ts';
import { percentile } from './percentile.ts';
import { sentAtMs } from './prepared-request.ts';
import type { ReceiverCount, ReceiverLatencies } from './receiver-figures.ts';

const ANSWER = answerWith({ success: true });
const HEAD_END = '\r\n\r\n';
/** As many as Linux lets wait to be accepted; with more, it loses some and their clients try again a second later. */
const WAITING_CONNECTIONS = 4_096;
let count = 0;
let latencies: number[] = [];

const server = createServer({ noDelay: true }, (socket) => {
  let pending: Buffer = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    pending = pending.subarray(answerWhole(pending, socket));
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: WAITING_CONNECTIONS }, () => {
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
      const told: ReceiverCount = { count, atMs: performance.now() };
      socket.write(answerWith(told));
    } else if (head.startsWith('GET /latencies')) {
      socket.write(answerWith(toldLatencies()));
    } else {
      if (head.startsWith('POST /timed'))
        latencies.push(machineMs() - sentAtMs(bytes.subarray(headEnd, end)));
      count += 1;
      socket.write(ANSWER);
    }
  }
}

/** What was noted since the last time. */
function toldLatencies(): ReceiverLatencies {
  const noted = latencies;
  latencies = [];
  return { count: noted.length, p50Ms: percentile(noted, 0.5), p99Ms: percentile(noted, 0.99) };
}

function answerWith(content: object): Buffer {
  const json = JSON.stringify(content);
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
  );
}
