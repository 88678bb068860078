import { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { createAddressGuard } from './address-guard.ts';
import { Connections } from './connections.ts';
import { Exchange } from './exchange.ts';
import { GuardedConnector, type SocketUser } from './guarded-connector.ts';
import type { Outcome } from './outcome.ts';
import type { Receiver } from './receiver.ts';
import { UnderWay } from './under-way.ts';

const RECEIVER: Receiver = { isSecure: false, host: 'receiver.example', port: 80 };
const CONNECTIONS_MAX = 4;

/** A socket that leads nowhere. */
class DeadEnd extends Socket {
  readonly user: SocketUser;
  /** What was written to it and has not been answered in full. */
  unanswered: string | undefined;
  /** How much of the answer it has been given. */
  given = 0;
  isOpen = false;
  isGone = false;
  /** Whether it was given more than was asked for. */
  isSpoilt = false;
  readonly #onWritten: (text: string, isWrong: boolean) => void;

  constructor(user: SocketUser, onWritten: (text: string, isWrong: boolean) => void) {
    super();
    this.user = user;
    this.#onWritten = onWritten;
  }

  override write(text: unknown): boolean {
    const isReady = this.isOpen && !this.isGone && !this.isSpoilt && this.unanswered === undefined;
    this.unanswered = String(text);
    this.#onWritten(this.unanswered, !isReady);
    return true;
  }

  override destroy(): this {
    this.isGone = true;
    return this;
  }

  gets(text: string): void {
    this.user.received(Buffer.from(text), text.length);
  }
}

/** Opens dead ends, or throws. */
class Scripted extends GuardedConnector {
  readonly sockets: DeadEnd[] = [];
  isBroken = false;
  onWritten: (text: string, isWrong: boolean) => void = () => {};

  override connect(_receiver: Receiver, user: SocketUser): Socket {
    if (this.isBroken) throw new Error('out of order');
    const socket = new DeadEnd(user, (text, isWrong) => this.onWritten(text, isWrong));
    this.sockets.push(socket);
    return socket;
  }

  get living(): readonly DeadEnd[] {
    return this.sockets.filter(({ isGone }) => !isGone);
  }
}

/** A channel to one receiver over dead ends. */
function start() {
  const clock = new VirtualClock();
  const guard = createAddressGuard({ allowPrivate: [] });
  const connector = new Scripted(clock, guard, async () => []);
  const connections = new Connections(clock, connector, RECEIVER, CONNECTIONS_MAX);
  const underWay = new UnderWay(clock);
  /** What came of each request, in their order. */
  const outcomes: Outcome[][] = [];
  /** Requests that were written where there was no use in it, or when nobody waited for the answer any more. */
  const wrong: string[] = [];
  connector.onWritten = (request, isWrong) => {
    if (isWrong || outcomes[Number(request) - 1]?.length !== 0) wrong.push(request);
  };
  const send = () => {
    const own: Outcome[] = [];
    const request = String(outcomes.push(own));
    const options = { method: 'POST', request, outcomes: {}, wholeAnswer: false };
    const exchange = new Exchange(clock, options, (outcome, it) => {
      underWay.end(it);
      own.push(outcome);
    });
    underWay.begin(exchange);
    if (!exchange.isOver) connections.carry(exchange);
  };
  const close = () => {
    underWay.close();
    connections.close();
  };
  return { clock, connector, outcomes, wrong, send, close };
}

const answerTo = (request: string, header: string) =>
  `HTTP/1.1 200 OK\r\n${header}content-length: ${request.length}\r\n\r\n${request}`;

/** Answers what was written, from where it left off, in full and with more. */
function answer(socket: DeadEnd, header = '', more = ''): void {
  const { unanswered, given } = socket;
  if (unanswered === undefined) return;
  socket.unanswered = undefined;
  socket.given = 0;
  socket.isSpoilt = more !== '';
  socket.gets(answerTo(unanswered, header).slice(given) + more);
}

/** Begins to answer. */
function answerInPart(socket: DeadEnd): void {
  const { unanswered, given } = socket;
  if (unanswered === undefined || given > 0) return;
  socket.given = 20;
  socket.gets(answerTo(unanswered, '').slice(0, socket.given));
}

/** What nobody has asked for. */
const UNASKED = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';

function speakUnasked(socket: DeadEnd): void {
  if (!socket.isOpen || socket.unanswered !== undefined) return;
  socket.isSpoilt = true;
  socket.gets(UNASKED);
}

/** What can happen to a socket that has not been closed. */
const FATES = {
  opens(socket: DeadEnd) {
    if (socket.isOpen) return;
    socket.isOpen = true;
    socket.user.opened();
  },
  answers: (socket: DeadEnd) => answer(socket),
  answersForTheLastTime: (socket: DeadEnd) => answer(socket, 'connection: close\r\n'),
  answersAndHasLittleTime: (socket: DeadEnd) => answer(socket, 'keep-alive: timeout=2\r\n'),
  answersInPart: answerInPart,
  answersTooMuch: (socket: DeadEnd) => answer(socket, '', UNASKED),
  speaksUnasked: speakUnasked,
  answersNonsense: (socket: DeadEnd) => socket.isOpen && socket.gets('\0\n'),
  ends: (socket: DeadEnd) => socket.isOpen && socket.user.ended(),
  fails: (socket: DeadEnd) => socket.user.failed(new Error('reset')),
};

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ what: 'send' } as const) },
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('socket' as const),
      place: fc.nat(CONNECTIONS_MAX - 1),
      fate: fc.constantFrom(FATES.opens, FATES.opens, FATES.answers, FATES.answers, ...Object.values(FATES)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('wait' as const), ms: fc.nat(5_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('break' as const), isBroken: fc.boolean() }),
  },
);

test('whatever happens to its connections, each request settles once, by its own answer, and every place is free again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 80, size: 'max' }),
      fc.boolean(),
      async (steps, isClosed) => {
        const { clock, connector, outcomes, wrong, send, close } = start();
        for (const happens of steps) {
          if (happens.what === 'send') send();
          else if (happens.what === 'wait') await clock.pass(happens.ms);
          else if (happens.what === 'break') connector.isBroken = happens.isBroken;
          else {
            const socket = connector.living[happens.place];
            if (socket !== undefined) happens.fate(socket);
          }
          expect(connector.living.length).toBeLessThanOrEqual(CONNECTIONS_MAX);
        }
        connector.isBroken = false;
        if (isClosed) close();
        else await clock.pass(60_000);
        for (const [place, own] of outcomes.entries()) {
          expect(own).toHaveLength(1);
          if (own[0]?.kind === 'delivered') expect(own[0].answer).toBe(String(place + 1));
        }
        expect([wrong, connector.living, clock.waiting]).toEqual([[], [], 0]);
        if (isClosed) return;
        for (let sent = 0; sent < CONNECTIONS_MAX; sent += 1) send();
        expect(connector.living).toHaveLength(CONNECTIONS_MAX);
      },
    ),
    { numRuns: 300 },
  );
});
