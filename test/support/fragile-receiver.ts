import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { freePort } from './free-port.ts';
import { numberIn } from './paced-load.ts';

/** How a receiver can do: well, or down in one of the ways in which receivers are. */
export type Condition = 'well' | 'refusing connections' | 'answering 500' | 'hanging';

/** A paced load's event that was taken for the first time. */
export interface Taken {
  readonly number: number;
  /** In milliseconds on a clock that only grows. */
  readonly at: number;
}

/** A destination of a paced load that goes down and comes back on the same port. */
export interface FragileReceiver extends AsyncDisposable {
  /** Where to post events to. */
  readonly url: string;
  /** The events that were answered 200, in the order of their arrival. */
  readonly taken: readonly Taken[];
  /** The numbers of the events that were answered 400. */
  readonly refused: ReadonlySet<number>;
  /** How often an event came that had been answered 200 before. */
  readonly repeats: () => number;
  /** Resolves when it does so. Whoever still waits for an answer is cut off when it does well again. */
  become(condition: Condition): Promise<void>;
}

const HEAD_END = '\r\n\r\n';

/**
 * Starts a receiver that does well, and answers 400 to the events that it refuses even so. It works on bare sockets:
 * ten of them take ten thousand requests a second beside the server on the same two cores.
 */
export async function startFragileReceiver(
  refuses: (number: number) => boolean = () => false,
): Promise<FragileReceiver> {
  const taken: Taken[] = [];
  const known = new Set<number>();
  const refused = new Set<number>();
  const sockets = new Set<Socket>();
  const port = await freePort();
  let condition: Condition = 'well';
  let repeats = 0;

  function statusFor(event: string): number {
    if (condition === 'answering 500') return 500;
    const number = numberIn(event);
    if (refuses(number)) {
      refused.add(number);
      return 400;
    }
    if (known.has(number)) repeats += 1;
    else taken.push({ number, at: performance.now() });
    known.add(number);
    return 200;
  }

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    readBodies(socket, (event) => {
      if (condition === 'hanging') return;
      const status = statusFor(event);
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-length: 0${HEAD_END}`);
    });
  });
  const open = async () => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const cutOff = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    cutOff();
    await closed;
  };
  await open();

  return {
    url: `http://127.0.0.1:${port}/hook`,
    taken,
    refused,
    repeats: () => repeats,
    async become(next) {
      const was = condition;
      condition = next;
      if (next === 'refusing connections') await close();
      else if (was === 'refusing connections') await open();
      else if (was === 'hanging') cutOff();
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await close();
    },
  };
}

/** Calls back with the body of each request on a connection, once it is whole. */
function readBodies(socket: Socket, onBody: (body: string) => void): void {
  let arrived = '';
  // A character a byte, so that lengths are what the header says.
  socket.setEncoding('latin1').on('data', (text: string) => {
    arrived += text;
    for (;;) {
      const headEnd = arrived.indexOf(HEAD_END);
      if (headEnd < 0) return;
      const bodyStart = headEnd + HEAD_END.length;
      const end = bodyStart + Number(/content-length: (\d+)/i.exec(arrived.slice(0, headEnd))?.[1]);
      if (arrived.length < end) return;
      onBody(arrived.slice(bodyStart, end));
      arrived = arrived.slice(end);
    }
  });
}
