import type { CallType } from '@metarouter/events';
import { refusal, verdictOn } from './answers.ts';
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
  take(body, _request, surroundings) {
    const intake = takeIn(body, { type: undefined, batched: true }, surroundings);
    return 'code' in intake ? intake : { ...intake, answer: verdictOn(intake, true) };
  },
  refuse: (cause) => refusal(cause, true),
};
