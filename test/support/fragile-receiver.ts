import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { machineMs } from '../../bench/machine-clock.ts';
import { freePort } from './free-port.ts';
import { numberIn } from './paced-load.ts';

/** How a receiver can do: well, or down in one of the ways in which receivers are. */
export type Condition = 'well' | 'refusing connections' | 'answering 500' | 'hanging';

export interface FragileReceiverOptions {
  /** Events whose JSON holds this text are answered 400 even when it does well. */
  readonly refuses?: string;
}

/** What a receiver answered to a paced load's events, the same one twice if it came twice. */
export interface Answered {
  /** The numbers of the events that were answered 200, in the order of their arrival. */
  readonly taken: readonly number[];
  /** When each of those arrived, in milliseconds of the machine's clock. */
  readonly takenAt: readonly number[];
  /** The numbers of the events that were answered 400. */
  readonly refused: readonly number[];
}

/** A destination of a paced load that goes down and comes back on the same port. */
export interface FragileReceiver extends Answered, AsyncDisposable {
  /** Where to post events to. */
  readonly url: string;
  /** Resolves when it does so. Whoever still waits for an answer is cut off when it does well again. */
  become(condition: Condition): Promise<void>;
}

const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /content-length: (\d+)/i;

/** Starts a receiver that does well. It works on bare sockets, so that it is not what a load waits for. */
export async function startFragileReceiver({
  refuses,
}: FragileReceiverOptions = {}): Promise<FragileReceiver> {
  // Plain lists of numbers: at ten thousand events a second, anything that must be looked up or collected shows.
  const taken: number[] = [];
  const takenAt: number[] = [];
  const refused: number[] = [];
  const sockets = new Set<Socket>();
  const port = await freePort();
  let condition: Condition = 'well';

  function statusFor(event: string): keyof typeof ANSWERS {
    if (condition === 'answering 500') return 500;
    if (refuses !== undefined && event.includes(refuses)) {
      refused.push(numberIn(event));
      return 400;
    }
    taken.push(numberIn(event));
    takenAt.push(machineMs());
    return 200;
  }

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    readBodies(socket, (event) => {
      if (condition !== 'hanging') socket.write(ANSWERS[statusFor(event)]);
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
    takenAt,
    refused,
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

const ANSWERS = { 200: answerWith(200), 400: answerWith(400), 500: answerWith(500) } as const;

function answerWith(status: number): Buffer {
  return Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-length: 0${HEAD_END}`);
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
      const end = bodyStart + Number(CONTENT_LENGTH.exec(arrived.slice(0, headEnd))?.[1]);
      if (arrived.length < end) return;
      onBody(arrived.slice(bodyStart, end));
      arrived = arrived.slice(end);
    }
  });
}
