import type { ServerResponse } from 'node:http';
import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import type { Clock } from '../platform/clock.ts';

/** How often a comment is sent, in milliseconds: proxies commonly drop what has been silent for 60 seconds. */
export const HEARTBEAT_MS = 15_000;

/** How often it is asked whether the caller may still see what is streamed, in milliseconds. */
export const RECHECK_MS = 60_000;

/** How long a client may leave what it was sent unread, in milliseconds, before it is taken for gone. */
export const UNREAD_MS_MAX = 60_000;

const HEAD = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  // For nginx, which would keep events back until it has a buffer full of them.
  'X-Accel-Buffering': 'no',
};

/** A comment, which clients skip. The one at the beginning has some browsers notice that the stream is there. */
const COMMENT = ':\n\n';

const COMPLETE = 'event: complete\ndata:\n\n';

export interface EventStreamOptions {
  readonly clock: Clock;
  readonly results: AsyncIterableIterator<ExecutionResult>;
  /** Rejects with the reason when the caller may not see more. */
  readonly recheck: () => Promise<void>;
  readonly answered: (error: unknown) => GraphQLFormattedError;
  /** Called once, when it has ended for whatever reason. */
  readonly onEnd: () => void;
}

/**
 * Answers one subscription as server-sent events, in the distinct connections mode of the GraphQL over SSE protocol. A
 * result is fetched when the client has taken the one before: what piles up meanwhile is for the source to bound.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #options: EventStreamOptions;
  readonly #timers: readonly (() => void)[];
  #hasEnded = false;

  constructor(response: ServerResponse, options: EventStreamOptions) {
    const { clock, recheck } = options;
    this.#response = response;
    this.#options = options;
    this.#timers = [
      every(clock, HEARTBEAT_MS, () => response.writableNeedDrain || response.write(COMMENT)),
      every(clock, RECHECK_MS, () => recheck().catch((error) => this.#fail(error))),
    ];
    response.on('close', () => this.end());
    response.writeHead(200, HEAD).write(COMMENT);
    void this.#pass();
  }

  /** Ends without a word, as when the connection breaks off, so that the client asks again. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { results, onEnd } = this.#options;
    for (const callOff of this.#timers) callOff();
    results.return?.().catch(() => {});
    this.#response.end();
    onEnd();
  }

  async #pass(): Promise<void> {
    const { results, answered } = this.#options;
    try {
      for await (const { data, errors } of results) {
        if (this.#hasEnded) return;
        await this.#send(nextEvent({ data, errors: errors?.map(answered) }));
      }
      this.#complete();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Resolves when there is room for more, or no use in it. */
  #send(text: string): Promise<void> {
    const response = this.#response;
    if (response.write(text)) return Promise.resolve();
    return new Promise((resolve) => {
      const callOff = this.#options.clock.after(UNREAD_MS_MAX, () => response.destroy());
      const done = () => {
        callOff();
        response.off('drain', done).off('close', done);
        resolve();
      };
      response.on('drain', done).on('close', done);
    });
  }

  #fail(error: unknown): void {
    if (this.#hasEnded) return;
    this.#response.write(nextEvent({ errors: [this.#options.answered(error)] }));
    this.#complete();
  }

  #complete(): void {
    if (!this.#hasEnded) this.#response.write(COMPLETE);
    this.end();
  }
}

/** A stream of nothing but an error: clients take an HTTP status for the network's fault, and would try again. */
export function answerWithError(response: ServerResponse, error: GraphQLFormattedError): void {
  response.writeHead(200, HEAD).end(`${nextEvent({ errors: [error] })}${COMPLETE}`);
}

interface AnsweredResult {
  readonly data?: unknown;
  readonly errors: readonly GraphQLFormattedError[] | undefined;
}

function nextEvent(result: AnsweredResult): string {
  return `event: next\ndata: ${JSON.stringify(result)}\n\n`;
}

function every(clock: Clock, ms: number, task: () => void): () => void {
  const again = () => {
    callOff = clock.after(ms, again);
    task();
  };
  let callOff = clock.after(ms, again);
  return () => callOff();
}
