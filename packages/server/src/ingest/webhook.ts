import { isArray, readCalls } from '@metarouter/events';
import { refusal, verdictOn } from './answers.ts';
import { readBody } from './body.ts';
import { takeIn } from './intake.ts';
import { bodyOf } from './received-body.ts';
import type { RouteKind } from './route.ts';
import { queryKey } from './write-key.ts';

/**
 * The routes for other platforms that send one call or a batch, as they like. Such a platform only has an address to
 * fill in, so the write key in the query wins, and replaces those in the stored events.
 */
export const webhooks: RouteKind = {
  methods: ['POST'],
  read: readBody,
  take(body, request, surroundings) {
    // Costs a second reading, on a route that is not one of the fast ones.
    const batched = isArray(readCalls(bodyOf(body), false)?.root.batch);
    const expected = { type: undefined, batched, imposedKey: queryKey(request.url ?? '') };
    const intake = takeIn(body, expected, surroundings);
    return 'code' in intake ? intake : { ...intake, answer: verdictOn(intake, batched) };
  },
  refuse: (cause) => refusal(cause, false),
};
