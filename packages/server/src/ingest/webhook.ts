import { isArray, readCalls } from '@metarouter/events';
import { refusal, verdictOn } from './answers.ts';
import { readBody } from './body.ts';
import { takeIn } from './intake.ts';
import { bodyOf } from './received-body.ts';
import { rejectionOfAll } from './refusals.ts';
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
    const calls = readCalls(bodyOf(body), true);
    const batched = isArray(calls?.root.batch);
    const imposedKey = queryKey(request.url ?? '');
    const intake = takeIn(body, { type: undefined, batched, imposedKey }, surroundings);
    if (!('code' in intake)) return { ...intake, answer: verdictOn(intake, batched) };
    if (!batched) return intake;
    const rejections = [rejectionOfAll(intake, calls, surroundings, imposedKey)];
    return { records: [], rejections, answer: refusal(intake, true) };
  },
  refuse: (cause) => refusal(cause, false),
};
