import { ACCEPTED, refusal } from './answers.ts';
import { readBody } from './body.ts';
import type { RouteKind } from './route.ts';

/**
 * The route for what SDKs report about themselves: taken, and dropped. They would send it to their maker's host
 * otherwise, and a refusal would only make them complain in the user's console.
 */
export const sdkMetrics: RouteKind = {
  methods: ['POST'],
  read: readBody,
  take: () => ({ records: [], rejections: [], answer: ACCEPTED }),
  refuse: (cause) => refusal(cause, false),
};
