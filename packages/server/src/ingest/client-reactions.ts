import type { IncomingMessage } from 'node:http';
import type { Answer } from './answers.ts';

/**
 * SDKs that send a whole batch again, for ever or eleven times, unless they are answered 200: Python's on any other
 * status; PHP's, with RudderStack's fork of it, and .NET's on any other below 400.
 */
const TAKES_ONLY_200 = /^(?:analytics-python|(?:rudder-)?analytics-php|Analytics\.NET)\//;

/** Swift's keeps a batch that is too large and sends it at every flush: of all refusals it drops one at 400 only. */
const DROPS_ONLY_AT_400 = /^analytics-ios\//;

/**
 * Early releases of the classic mobile SDKs drop a batch at 429, and keep it at any status of the server's fault. Swift's
 * shares its name with iOS's, and keeps a batch at either.
 */
const KEEPS_ONLY_AT_503 = /^analytics-(?:android|ios)\//;

/**
 * The answer with the status at which this client does what the answer is meant to make it do. The body stays, so that
 * whoever reads it sees what happened.
 */
export function forClient(answer: Answer, { headers }: Pick<IncomingMessage, 'headers'>): Answer {
  const agent = headers['user-agent'] ?? '';
  switch (answer.status) {
    case 207:
      return TAKES_ONLY_200.test(agent) ? { ...answer, status: 200 } : answer;
    case 413:
      return DROPS_ONLY_AT_400.test(agent) ? { ...answer, status: 400 } : answer;
    case 429:
      return KEEPS_ONLY_AT_503.test(agent) ? { ...answer, status: 503 } : answer;
    default:
      return answer;
  }
}
