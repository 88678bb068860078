import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogAppender, NewRecord, Refusal } from '../log/event-log.ts';
import type { Clock } from '../platform/clock.ts';
import { type Problem, problem } from '../platform/problem.ts';
import type { Workspace } from '../store/workspace.ts';
import { type Answer, acceptsOnly200, refusal, verdictOn } from './answers.ts';
import { readBody } from './body.ts';
import { clientAddress } from './client-address.ts';
import { preflightHeaders } from './cors.ts';
import { takeIn } from './intake.ts';
import type { DoorObserver } from './observer.ts';
import { type Route, routeOf } from './routes.ts';
import { send } from './send.ts';
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
  /** Whose `X-Forwarded-For` is believed; nobody's by default. */
  readonly trustedProxies?: (address: string) => boolean;
  readonly observe: DoorObserver;
}

/** Takes in events over HTTP. */
export interface Door {
  /** Whether a request's target, with or without a query, is one of the door's routes. */
  handles(target: string): boolean;
  /** Answers a request that it handles: 200 only after the log has made its events durable. */
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** How long a client should wait, in whole seconds: SDKs stall or drop events without it, and obey at most 300. */
const RETRY_AFTER_SECONDS: Readonly<Record<Refusal | 'failed', number>> = {
  disk_full: 30,
  closing: 5,
  starting: 1,
  overloaded: 2,
  failed: 30,
};

const REFUSED_BECAUSE: Readonly<Record<Refusal | 'failed', string>> = {
  disk_full: 'the disk is full',
  closing: 'the server is shutting down',
  starting: 'the server is starting',
  overloaded: 'too many events are waiting to be stored',
  failed: 'the events could not be stored',
};

/** A door that answers the six calls and batches of them. */
export function createDoor(options: DoorOptions): Door {
  const { log, clock, observe } = options;
  const isTrustedProxy = options.trustedProxies ?? (() => false);

  function take(request: IncomingMessage, response: ServerResponse, route: Route): void {
    const startedAt = clock.monotonic();
    readBody(request, (body) => {
      if (!Buffer.isBuffer(body)) return refuse(request, response, route, body);
      const intake = takeIn(body, {
        route,
        receivedAt: clock.now(),
        workspace: options.workspace(),
        eventBytesMax: options.eventBytesMax,
        newId: options.newId,
        writeKey: () => writeKeyAround(request),
        clientAddress: () => clientAddress(request, isTrustedProxy),
      });
      if ('code' in intake) return refuse(request, response, route, intake);
      for (const { source, problem } of intake.rejections) observe.rejected(source, problem.code, 1);
      if (intake.records.length === 0) return send(request, response, verdictOn(intake, route.batched));
      log.append(intake.records).then(
        (result) => {
          if (result.kind === 'refused')
            return turnAway(request, response, route, intake.records, result.why);
          observeAccepted(intake.records, observe);
          send(request, response, forClient(verdictOn(intake, route.batched), request));
          observe.acceptSeconds((clock.monotonic() - startedAt) / 1000);
        },
        () => turnAway(request, response, route, intake.records, 'failed'),
      );
    });
  }

  function refuse(request: IncomingMessage, response: ServerResponse, route: Route, cause: Problem): void {
    observe.rejected(undefined, cause.code, 1);
    send(request, response, refusal(cause, route.batched));
  }

  /** Nothing was acknowledged: the client must send all of it again. */
  function turnAway(
    request: IncomingMessage,
    response: ServerResponse,
    route: Route,
    records: readonly NewRecord[],
    why: Refusal | 'failed',
  ): void {
    for (const { source } of records) observe.rejected(source, 'unavailable', 1);
    const answer = refusal(problem('unavailable', REFUSED_BECAUSE[why]), route.batched);
    send(request, response, answer, ['Retry-After', String(RETRY_AFTER_SECONDS[why])]);
  }

  return {
    handles: (target) => routeOf(target) !== undefined,
    handle(request, response) {
      const route = routeOf(request.url ?? '');
      if (route === undefined) throw new Error('The door is only handed requests to its own routes.');
      if (countHosts(request) > 1) return refuse(request, response, route, problem('too_many_hosts'));
      if (request.method === 'POST') return take(request, response, route);
      if (request.method === 'OPTIONS') {
        response.writeHead(204, [...preflightHeaders(request)]).end();
        return;
      }
      send(request, response, refusal(problem('method_not_allowed', 'use POST'), route.batched), [
        'Allow',
        'POST, OPTIONS',
      ]);
    },
  };
}

/** Fewer and larger counts: the events of a batch are nearly always of one source. */
function observeAccepted(records: readonly NewRecord[], observe: DoorObserver): void {
  let counted = 0;
  for (let at = 1; at <= records.length; at++) {
    const source = records[at - 1]?.source;
    if (source === undefined || source === records[at]?.source) continue;
    observe.accepted(source, at - counted);
    counted = at;
  }
}

/** The answer as this client understands it: some take any status but 200 as a reason to send everything again. */
function forClient(answer: Answer, request: IncomingMessage): Answer {
  if (answer.status !== 207 || !acceptsOnly200(request.headers['user-agent'])) return answer;
  return { status: 200, body: answer.body };
}

/** Two `Host` headers let a proxy and us disagree on whom a request is for. Node keeps the first and says nothing. */
function countHosts({ rawHeaders }: IncomingMessage): number {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts;
}
