import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionResult, subscribe, validate } from 'graphql';
import { authenticate } from './authenticate.ts';
import { type Caller, holderOf } from './caller.ts';
import { readDocument } from './document.ts';
import { answeredError } from './errors.ts';
import { answerWithError, EventStream } from './event-stream.ts';
import type { GraphqlOptions } from './graphql-server.ts';
import { HttpRefusal } from './http-refusal.ts';
import { type Operation, readOperation } from './operation.ts';
import { Refusal } from './refusal.ts';
import { requestContext } from './request-context.ts';

/** Streams of one user or API key at a time: a few windows, each with a debugger or two. */
export const STREAMS_A_CALLER = 10;

/** Streams of all callers at a time. */
const STREAMS_MAX = 1_000;

/** Asks whether a rule still holds, now that this is the caller. */
type Again = (caller: Caller) => Promise<unknown>;

/** What is kept for a stream while it is opened and while it lasts. */
interface Place {
  readonly holder: string;
  stream?: EventStream;
}

/** Answers subscriptions with streams of server-sent events. */
export class StreamServer {
  readonly #options: GraphqlOptions;
  readonly #places = new Set<Place>();
  #isClosed = false;

  constructor(options: GraphqlOptions) {
    this.#options = options;
  }

  /**
   * Answers a request with this body, as `boundedBody` read it: with a stream, or with one error in a stream.
   *
   * @throws Refusal when it is no request for a stream, or comes too late for one. Then nothing is answered yet.
   */
  async answer(request: IncomingMessage, body: unknown, response: ServerResponse): Promise<void> {
    if (this.#isClosed)
      throw new Refusal('UNAVAILABLE', 'This server is stopping: ask again in some seconds.');
    if (!request.headers.accept?.includes('text/event-stream'))
      throw new HttpRefusal(406, 'Subscriptions are answered as text/event-stream: ask for it with Accept.');
    const operation = readOperation(request.headers, body);
    try {
      await this.#open(request, operation, response);
    } catch (error) {
      answerWithError(response, answeredError(error, this.#options.services.onBug));
    }
  }

  /** Ends all streams, so that the server can stop; their clients ask again. */
  close(): void {
    this.#isClosed = true;
    for (const { stream } of this.#places) stream?.end();
  }

  async #open(request: IncomingMessage, operation: Operation, response: ServerResponse): Promise<void> {
    const { schema, services, addressOf, turns } = this.#options;
    const context = await requestContext(request, services, addressOf);
    const place: Place = { holder: holderOf(context.caller) };
    await turns.next();
    const { document, kind } = readDocument(operation, schema, context.caller);
    if (kind !== 'subscription')
      throw new Refusal('BAD_INPUT', 'Only subscriptions are answered here: send this to /graphql.');
    const [fault] = validate(schema, document, undefined, { maxErrors: 1 });
    if (fault !== undefined) throw fault;
    this.#admit(place);
    const leave = () => this.#places.delete(place);
    try {
      const rules: Again[] = [];
      const results = await subscribe({
        schema,
        document,
        contextValue: { ...context, onGranted: (again: Again) => rules.push(again) },
        operationName: operation.operationName,
        variableValues: operation.variables,
      });
      if (!isStream(results)) throw results.errors?.[0];
      place.stream = new EventStream(response, {
        clock: services.clock,
        results,
        recheck: () => this.#recheck(request, rules),
        answered: (error) => answeredError(error, services.onBug),
        onEnd: leave,
      });
    } catch (error) {
      leave();
      throw error;
    }
    // Meanwhile the server may have begun to stop, or the client have gone.
    if (this.#isClosed || response.destroyed) place.stream.end();
  }

  #admit(place: Place): void {
    const theirs = [...this.#places].filter(({ holder }) => holder === place.holder).length;
    if (theirs >= STREAMS_A_CALLER)
      throw new Refusal(
        'RATE_LIMITED',
        `There may be ${STREAMS_A_CALLER} streams at a time: close another one.`,
      );
    if (this.#places.size >= STREAMS_MAX)
      throw new Refusal('UNAVAILABLE', 'This server has as many streams as it can: try again later.');
    this.#places.add(place);
  }

  /** As if the subscription were asked for once more. */
  async #recheck({ rawHeaders }: IncomingMessage, rules: readonly Again[]): Promise<void> {
    const caller = await authenticate(rawHeaders, this.#options.services);
    holderOf(caller);
    for (const again of rules) await again(caller);
  }
}

function isStream<T extends object>(
  results: T | AsyncGenerator<ExecutionResult>,
): results is AsyncGenerator<ExecutionResult> {
  return Symbol.asyncIterator in results;
}
