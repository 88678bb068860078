import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Calls, readCalls } from '@metarouter/events';
import type { LogAppender } from '../log/event-log.ts';
import type { Clock } from '../platform/clock.ts';
import { type Problem, problem } from '../platform/problem.ts';
import type { Workspace } from '../store/workspace.ts';
import { type Answer, refusal } from './answers.ts';
import { clientAddress } from './client-address.ts';
import { forClient } from './client-reactions.ts';
import { allowed, preflightHeaders } from './cors.ts';
import type { DoorObserver, LiveSink, RejectionSink } from './observer.ts';
import { RateLimit } from './rate-limit.ts';
import { bodyOf } from './received-body.ts';
import { Refusals, rejectionOfAll } from './refusals.ts';
import type { Route } from './route.ts';
import { routeOf } from './routes.ts';
import { send } from './send.ts';
import { type Run, tallyOf } from './tally.ts';
import { unavailable } from './unavailable.ts';
import { writeKeyAround } from './write-key.ts';

/** What the door works with. */
export interface DoorOptions {
  readonly log: LogAppender;
  /** Asked anew for each request, so that a change takes effect at once. */
  readonly workspace: () => Workspace;
  readonly clock: Clock;
  /** Makes a messageId. */
  readonly newId: () => string;
  /** The most bytes of one event's JSON. */
  readonly eventBytesMax: number;
  /** How many events a second one source may send in the long run; 0 is no limit. */
  readonly sourceEventsPerSecond: number;
  /** Whose `X-Forwarded-For` is believed; nobody's by default. */
  readonly trustedProxies?: (address: string) => boolean;
  readonly observe: DoorObserver;
  /** Keeps samples of what is refused. */
  readonly rejected: RejectionSink;
  /** Shows what is stored to those who watch. */
  readonly live: LiveSink;
  /** Told of an error that no request should be able to cause. */
  readonly onBug: (error: unknown) => void;
}

/** Takes in events over HTTP. */
export interface Door {
  /** Whether a request's target, with or without a query, is one of the door's routes. */
  handles(target: string): boolean;
  /** Answers a request that it handles: with success only after the log has made its events durable. */
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** One request on its way to its answer. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Route;
}

/** A door with the routes of `routes.ts`. */
export function createDoor(options: DoorOptions): Door {
  const { log, clock, observe, live } = options;
  const isTrustedProxy = options.trustedProxies ?? (() => false);
  const rateLimit = new RateLimit(options.sourceEventsPerSecond);
  const refusals = new Refusals(observe, options.rejected);

  function take(exchange: Exchange): void {
    const { request, route } = exchange;
    const startedAt = clock.monotonic();
    route.read(request, (body) => {
      if (!Buffer.isBuffer(body)) return refuse(exchange, body);
      try {
        takeBody(exchange, body, startedAt);
      } catch (error) {
        // One request must not end the process for all others, nor leave its client waiting.
        options.onBug(error);
        refuse(exchange, problem('internal'), body);
      }
    });
  }

  function takeBody(exchange: Exchange, body: Buffer, startedAt: number): void {
    const { request, route } = exchange;
    const receivedAt = clock.now();
    const taken = route.take(body, request, {
      receivedAt,
      workspace: options.workspace(),
      eventBytesMax: options.eventBytesMax,
      newId: options.newId,
      writeKey: () => writeKeyAround(request),
      clientAddress: () => clientAddress(request, isTrustedProxy),
    });
    // Costs a second reading, of refused batches and of what cannot be read: nothing else is refused as a whole.
    if ('code' in taken) return refuse(exchange, taken, body, readCalls(bodyOf(body), true));
    const { records, rejections, answer, batched } = taken;
    if (rejections.length > 0) refusals.add(rejections, { route: route.name, receivedAt, body });
    if (records.length === 0) return reply(exchange, answer);
    const tally = tallyOf(records);
    const overRate = rateLimit.admit(tally, clock.monotonic());
    if (overRate !== undefined) return turnAway(exchange, tally, overRate, batched);
    const gathered = live.gather(records);
    log.append(records).then(
      (result) => {
        if (result.kind === 'refused') return giveUp(exchange, tally, unavailable(result.why), batched);
        for (const { source, type, count } of tally) observe.accepted(source, type, count);
        reply(exchange, answer);
        observe.acceptSeconds((clock.monotonic() - startedAt) / 1000);
        gathered?.show();
      },
      () => giveUp(exchange, tally, unavailable('failed'), batched),
    );
  }

  /** Something is wrong with the request as a whole. */
  function refuse(exchange: Exchange, cause: Problem, body: Buffer = NOTHING, calls?: Calls): void {
    const { request, route } = exchange;
    const surroundings = { workspace: options.workspace(), writeKey: () => writeKeyAround(request) };
    const rejection = rejectionOfAll(cause, calls, surroundings);
    refusals.add([rejection], { route: route.name, receivedAt: clock.now(), body });
    reply(exchange, route.refuse(cause));
  }

  /**
   * Nothing is wrong with the events, but none of them is taken now: the client must send all of them again. They leave
   * no sample, since those of a source over its rate would push out those of its mistakes.
   */
  function turnAway(exchange: Exchange, tally: readonly Run[], cause: Problem, batched = false): void {
    for (const { source, count } of tally) observe.rejected(source, cause.code, count);
    reply(exchange, batched ? refusal(cause, true) : exchange.route.refuse(cause));
  }

  /** The events were let in, but could not be stored. */
  function giveUp(exchange: Exchange, tally: readonly Run[], cause: Problem, batched?: boolean): void {
    rateLimit.giveBack(tally);
    turnAway(exchange, tally, cause, batched);
  }

  return {
    handles: (target) => routeOf(target) !== undefined,
    handle(request, response) {
      const route = routeOf(request.url ?? '');
      if (route === undefined) throw new Error('The door is only handed requests to its own routes.');
      const exchange = { request, response, route };
      const { method = '' } = request;
      if (route.methods.includes(method)) return take(exchange);
      if (method !== 'OPTIONS') return reply(exchange, wrongMethod(route.methods));
      response.writeHead(204, [...preflightHeaders(request, route.methods)]).end();
    },
  };
}

function reply({ request, response }: Exchange, answer: Answer): void {
  send(request, response, forClient(answer, request));
}

function wrongMethod(methods: readonly string[]): Answer {
  const answer = refusal(problem('method_not_allowed', `use ${methods[0]}`), false);
  return { ...answer, headers: ['Allow', allowed(methods)] };
}

const NOTHING = Buffer.alloc(0);
