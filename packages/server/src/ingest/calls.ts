import type { IncomingMessage } from 'node:http';
import type { CallType } from '@metarouter/events';
import { type Answer, acceptsOnly200, refusal, verdictOn } from './answers.ts';
import { readBody } from './body.ts';
import { takeIn } from './intake.ts';
import type { RouteKind } from './route.ts';

/** A route whose body is one call of this type. */
export function singleCalls(type: CallType): RouteKind {
  const expected = { type, batched: false } as const;
  return {
    methods: ['POST'],
    read: readBody,
    take(body, _request, surroundings) {
      const intake = takeIn(body, expected, surroundings);
      return 'code' in intake ? intake : { ...intake, answer: verdictOn(intake, false) };
    },
    refuse: (cause) => refusal(cause, false),
  };
}

/** The routes whose body is a batch of calls, each of which names its own type. */
export const batches: RouteKind = {
  methods: ['POST'],
  read: readBody,
  take(body, request, surroundings) {
    const intake = takeIn(body, { type: undefined, batched: true }, surroundings);
    return 'code' in intake ? intake : { ...intake, answer: forClient(verdictOn(intake, true), request) };
  },
  refuse: (cause) => refusal(cause, true),
};

/** The answer as this client understands it: some take any status but 200 as a reason to send everything again. */
export function forClient(answer: Answer, request: IncomingMessage): Answer {
  if (answer.status !== 207 || !acceptsOnly200(request.headers['user-agent'])) return answer;
  return { status: 200, body: answer.body };
}
