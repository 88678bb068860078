import { connect } from 'node:net';

/** What came back on a connection that was used for one request. */
export interface RawAnswer {
  /** 0 when the connection was closed without an answer. */
  readonly status: number;
  /** Whether our side gave up first, because the server was waiting for the rest of a request that never was whole. */
  readonly gaveUp: boolean;
  readonly body: string;
}

/** Longer than the server lets any request take, so that only a connection that is stuck is cut by us. */
const STUCK_AFTER_MS = 30_000;

/** A server that has not said anything for so long waits for more: the client goes away then, as clients do. */
const GIVE_UP_AFTER_MS = 250;

/** Writes these bytes to a connection of their own and reads until the server closes it. Rejects when it never does. */
export function rawExchange(port: number, bytes: Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let gaveUp = false;
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const waiting = setTimeout(() => {
      gaveUp = true;
      socket.end();
    }, GIVE_UP_AFTER_MS);
    const stuck = setTimeout(() => {
      socket.destroy();
      reject(new Error(`stuck after ${Buffer.concat(chunks)}, for ${bytes.toString('latin1', 0, 500)}`));
    }, STUCK_AFTER_MS);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      waiting.refresh();
    });
    // A reset is what a server does to a client that goes on sending; what came before it counts.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(stuck);
      clearTimeout(waiting);
      resolve({ ...answerIn(Buffer.concat(chunks)), gaveUp });
    });
  });
}

/** The first answer in what came back: what follows a body that is longer than it says is answered by itself. */
function answerIn(bytes: Buffer): Omit<RawAnswer, 'gaveUp'> {
  const start = bytes.subarray(0, CONTINUE.length).equals(CONTINUE) ? CONTINUE.length : 0;
  const headEnd = bytes.indexOf('\r\n\r\n', start);
  if (headEnd < 0) return { status: 0, body: '' };
  const head = bytes.toString('latin1', start, headEnd);
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  const body = bytes.subarray(headEnd + 4, length === undefined ? undefined : headEnd + 4 + Number(length));
  return { status: Number(head.slice(9, 12)), body: body.toString() };
}

const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');
